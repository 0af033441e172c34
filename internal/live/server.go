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
)

// unsettled is how many connections the port takes beyond MaxClients: requests that are
// not upgraded yet, or that are told why they are not.
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

// Listen takes the port, so that a port in use is known before anything else starts.
// Run does it where it has not been done.
func (h *Hub) Listen() error { return h.srv.Listen(h.cfg.Validate) }

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (h *Hub) Addr() net.Addr { return h.srv.Addr() }

// Run serves clients until ctx ends; then it writes the alerts that wait, closes every
// connection with a close frame and returns when all goroutines have ended.
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

// handler is what the port serves: the WebSocket and nothing else.
func (h *Hub) handler() http.Handler {
	return h.front.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !h.front.HostAllowed(r):
			h.refuse(w, http.StatusMisdirectedRequest, "host", "This server does not go by the name in the Host header; add it to API_ALLOWED_HOSTS if it should.")
		case r.URL.Path != "/ws":
			h.refuse(w, http.StatusNotFound, "path", "The WebSocket is at /ws.")
		default:
			h.ServeHTTP(w, r)
		}
	}))
}

// ServeHTTP upgrades a request to a WebSocket, or refuses it. It is for a server of
// another port that has an httpserver.Front of its own before it; the client counts
// against MaxClients like all others. It returns when the client has left.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		h.refuse(w, http.StatusMethodNotAllowed, "method", "A WebSocket begins with GET.")
	case !h.originAllowed(r):
		h.refuse(w, http.StatusForbidden, "origin", "Pages of another host may not connect; WS_ALLOWED_ORIGINS allows theirs.")
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		h.refuse(w, http.StatusUpgradeRequired, "no upgrade", "This address speaks WebSocket only.")
	case !h.reserve():
		w.Header().Set("Retry-After", "5")
		h.refuse(w, http.StatusServiceUnavailable, "full", fmt.Sprintf("The limit of %d clients is reached (WS_MAX_CLIENTS), or NetLyra stops.", h.cfg.MaxClients))
	default:
		h.upgrade(w, r)
	}
}

// originAllowed reports whether the page that connects may.
func (h *Hub) originAllowed(r *http.Request) bool {
	if h.front.OriginAllowed(r) {
		return true
	}
	from := originHost(r.Header.Get("Origin"))
	return from != "" && slices.ContainsFunc(h.cfg.AllowedOrigins, func(o string) bool { return httpserver.HostName(o) == from })
}

// originHost is the host of the page, "" where an Origin has none.
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
		CheckOrigin: func(*http.Request) bool { return true }, // has been checked
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			h.refuse(w, status, "handshake", reason.Error())
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

// refuse answers with a problem (RFC 9457) and has the connection closed: whatever else
// the client sends on it, such as the rest of a body, is not waited for.
func (h *Hub) refuse(w http.ResponseWriter, status int, reason, detail string) {
	h.met.refused.WithLabelValues(reason).Inc()
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"about:blank","title":%q,"status":%d,"detail":%q}`+"\n", http.StatusText(status), status, detail)
}

var _ interface { // what a recorder calls
	Alert(*models.Alert)
	Connection(*models.Connection)
} = (*Hub)(nil)
