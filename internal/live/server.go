package live

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// unsettled is how many connections the port accepts beyond MaxClients: requests that are
// not upgraded yet, or that are being refused.
const unsettled = 64

func serverConfig(cfg Config) httpserver.Config {
	return httpserver.Config{
		Name: "WebSocket", Key: "WS_PORT", Label: "ws", Addr: cfg.Addr,
		MaxConnections:    cfg.MaxClients + unsettled,
		PerPeer:           cfg.MaxClients + unsettled/2, // all clients may be behind one proxy
		ReadHeaderTimeout: cfg.RequestTimeout, ReadTimeout: cfg.RequestTimeout,
		WriteTimeout: 2 * cfg.RequestTimeout, IdleTimeout: cfg.RequestTimeout,
	}
}

// Listen validates the configuration and listens on the port, so that a port in use is
// reported before anything else starts. Run calls it if it was not called.
func (h *Hub) Listen() error { return h.srv.Listen(h.cfg.Validate) }

// Addr returns the address of the listener, or nil if Listen failed. It blocks until
// Listen was called.
func (h *Hub) Addr() net.Addr { return h.srv.Addr() }

// Run serves clients until ctx ends. Then it writes queued alerts, closes every connection
// with a close frame and returns when all goroutines have ended.
func (h *Hub) Run(ctx context.Context) error {
	if err := h.Listen(); err != nil {
		return err
	}
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	served := make(chan error, 1)
	go func() { served <- h.srv.Run(serving, h.handler()) }()
	var err error
	ended := false
	tick := time.NewTicker(h.cfg.StatsEvery)
	defer tick.Stop()
	for n, running := uint64(0), true; running; n++ {
		select {
		case <-tick.C:
			if h.deps.Stats != nil && h.wanted(kindStats) {
				s := h.deps.Stats.Stats()
				h.statsTick(&s, n)
			}
		case err = <-served:
			running, ended = false, true
		case <-ctx.Done():
			running = false
		}
	}
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	close(h.stop)
	h.wg.Wait()
	if stopServing(); !ended {
		<-served
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("live: %w", err)
}

// handler serves the WebSocket and refuses everything else.
func (h *Hub) handler() http.Handler {
	return h.front.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !h.front.HostAllowed(r):
			h.refuse(w, r, http.StatusMisdirectedRequest, vocabulary.ProblemHostNotAllowed, "The Host header is not a name or address of this server; to allow it, add it to API_ALLOWED_HOSTS.")
		case r.URL.Path != "/ws":
			h.refuse(w, r, http.StatusNotFound, vocabulary.ProblemNoRoute, "No such route; the WebSocket is at /ws.")
		default:
			h.ServeHTTP(w, r)
		}
	}))
}

// ServeHTTP upgrades a request to a WebSocket, or refuses it. A server of another port can
// use it behind its httpserver.Front; the clients count against MaxClients. It returns
// when the client has disconnected.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		h.refuse(w, r, http.StatusMethodNotAllowed, vocabulary.ProblemMethodNotAllowed, "Method not allowed; use GET.")
	case !h.originAllowed(r):
		h.refuse(w, r, http.StatusForbidden, vocabulary.ProblemCrossSite, "Pages of other sites may not connect; to allow one, add its host to WS_ALLOWED_ORIGINS.")
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		h.refuse(w, r, http.StatusUpgradeRequired, vocabulary.ProblemUpgradeRequired, "This address only serves WebSocket.")
	case !h.reserve():
		w.Header().Set("Retry-After", "5")
		h.refuse(w, r, http.StatusServiceUnavailable, vocabulary.ProblemTooManyClients, fmt.Sprintf("The limit of %d clients (WS_MAX_CLIENTS) is reached, or the process is stopping; retry later.", h.cfg.MaxClients))
	default:
		h.upgrade(w, r)
	}
}

// originAllowed reports whether the page may connect.
func (h *Hub) originAllowed(r *http.Request) bool {
	if h.front.OriginAllowed(r) {
		return true
	}
	from := originHost(r.Header.Get("Origin"))
	return from != "" && slices.ContainsFunc(h.cfg.AllowedOrigins, func(o string) bool { return httpserver.HostName(o) == from })
}

// originHost returns the host of an Origin header, "" if it has none.
func originHost(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return httpserver.HostName(u.Host)
}

func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{
		HandshakeTimeout: h.cfg.RequestTimeout, ReadBufferSize: 1024, WriteBufferSize: 1024,
		CheckOrigin: func(*http.Request) bool { return true }, // checked before
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			h.refuse(w, r, status, vocabulary.ProblemHandshakeFailed, reason.Error())
		},
	}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		h.settle(nil)
		return
	}
	c := newClient(h, conn, r.RemoteAddr)
	h.settle(c)
	c.serve()
}

// refuse responds with a problem and closes the connection.
func (h *Hub) refuse(w http.ResponseWriter, r *http.Request, status int, code, detail string) {
	h.met.refused.WithLabelValues(code).Inc()
	httpserver.NewProblem(status, code, detail).WriteAndClose(w, r)
}

var _ interface { // used by the recorder
	Alert(*models.Alert)
	Connection(*models.Connection)
} = (*Hub)(nil)
