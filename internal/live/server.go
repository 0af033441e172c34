package live

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netlyra/netlyra/internal/models"
)

// Listen takes the port, so that a port in use is known before anything else starts.
// Run does it where it has not been done.
func (h *Hub) Listen() error { return h.port.Listen(h.cfg.Addr, h.cfg.Validate) }

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (h *Hub) Addr() net.Addr { return h.port.Addr() }

// Run serves clients until ctx ends; then it writes the alerts that wait, closes every
// connection with a close frame and returns when all goroutines have ended.
func (h *Hub) Run(ctx context.Context) error {
	if err := h.Listen(); err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           http.HandlerFunc(h.serveHTTP),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(h.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(h.port.Listener()) }()
	var err error
	tick := time.NewTicker(h.cfg.StatsEvery)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-tick.C:
			if h.deps.Stats != nil && h.wanted(kindStats) {
				s := h.deps.Stats.Stats()
				h.Stats(&s)
			}
		case err = <-served:
			running = false
		case <-ctx.Done():
			running = false
		}
	}
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	close(h.stop)
	h.wg.Wait()
	_ = srv.Close() // only connections that were never upgraded are left
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("live: %w", err)
}

func (h *Hub) serveHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/ws":
		h.refuse(w, http.StatusNotFound, "path", "the WebSocket is at /ws")
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		h.refuse(w, http.StatusMethodNotAllowed, "method", "a WebSocket begins with GET")
	case !h.hostAllowed(r) || !h.originAllowed(r):
		h.refuse(w, http.StatusForbidden, "origin", "pages of another host may not connect; allow theirs by WS_ALLOWED_ORIGINS")
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		h.refuse(w, http.StatusUpgradeRequired, "no upgrade", "this address speaks WebSocket only")
	case !h.reserve():
		h.refuse(w, http.StatusServiceUnavailable, "full", fmt.Sprintf("there are %d clients already, or netlyra stops", h.cfg.MaxClients))
	default:
		h.upgrade(w, r)
	}
}

func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{
		HandshakeTimeout: 5 * time.Second, ReadBufferSize: 1024, WriteBufferSize: 1024,
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
	c := newClient(h, conn)
	h.settle(c)
	c.serve()
}

// refuse answers with a problem (RFC 9457).
func (h *Hub) refuse(w http.ResponseWriter, status int, reason, detail string) {
	h.met.refused.WithLabelValues(reason).Inc()
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"about:blank","title":%q,"status":%d,"detail":%q}`+"\n", http.StatusText(status), status, detail)
}

var _ interface { // what a recorder calls
	Alert(*models.Alert)
	Connection(*models.Connection)
} = (*Hub)(nil)
