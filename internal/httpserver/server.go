package httpserver

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// maxHeaderBytes bounds the headers of one request.
const maxHeaderBytes = 32 << 10

// Server is one port.
type Server struct {
	cfg   Config
	log   *slog.Logger
	port  *port
	front *Front
}

// New makes a server whose hosts front knows. It does nothing until Listen or Run.
func New(cfg Config, front *Front, log *slog.Logger) *Server {
	if log == nil {
		log = slog.Default()
	}
	return &Server{cfg: cfg, log: log, port: newPort(cfg.Name, cfg.Key), front: front}
}

// Listen takes the port, unless validate, which comes first, fails. Every call has the
// result of the first; Run calls it where nobody has.
func (s *Server) Listen(validate func() error) error {
	perPeer := s.cfg.PerPeer
	if perPeer == 0 {
		perPeer = (3*s.cfg.MaxConnections + 3) / 4
	}
	return s.port.listen(s.cfg.Addr, validate, netlimit.Config{
		Total: s.cfg.MaxConnections, PerPeer: perPeer, Refuse: refuse, Event: s.shortage,
	})
}

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (s *Server) Addr() net.Addr { return s.port.addr() }

// Run answers requests until ctx ends. Then it accepts no more, gives those that are
// being answered Config.ShutdownTimeout, and closes what is left. Connections that a
// handler has taken over are the handler's.
func (s *Server) Run(ctx context.Context, handler http.Handler) error {
	if err := s.Listen(func() error { return nil }); err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: s.cfg.ReadHeaderTimeout,
		ReadTimeout:       s.cfg.ReadTimeout,
		WriteTimeout:      s.cfg.WriteTimeout,
		IdleTimeout:       s.cfg.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	names, stopNames := context.WithCancel(ctx)
	named := make(chan struct{})
	go func() { defer close(named); s.front.hosts.run(names) }()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.port.ln) }()
	defer func() { stopNames(); <-named }()
	select {
	case err := <-served:
		return fmt.Errorf("%s port: %w", s.cfg.Name, err)
	case <-ctx.Done():
	}
	s.end(ctx, srv)
	<-served
	return nil
}

// end lets requests that are being answered finish, for a while.
func (s *Server) end(ctx context.Context, srv *http.Server) {
	if s.cfg.ShutdownTimeout > 0 {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownTimeout)
		defer cancel()
		if srv.Shutdown(limit) == nil {
			return
		}
		s.log.Warn("requests were cut off at stop", "event", "requests_cut_off", "port", s.cfg.Label, "after", s.cfg.ShutdownTimeout)
	}
	_ = srv.Close()
}

// shortage logs the beginning of refusals or of errors of Accept.
func (s *Server) shortage(e netlimit.Event) {
	if e.Err != nil {
		s.log.Error("accepting connections failed; trying again", "event", "accept_failed", "port", s.cfg.Label, "error", e.Err)
		return
	}
	s.log.Warn("connections are refused", "event", "connections_refused", "port", s.cfg.Label, "reason", string(e.Reason), "client", e.Peer,
		"max_connections", s.cfg.MaxConnections)
}

// refusal answers a connection for which there is no place; it is written before the
// request is read.
var refusal = func() []byte {
	const body = `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Too many connections are open; try again later."}` + "\n"
	return []byte("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}()

func refuse(c net.Conn, _ netlimit.Reason) { _, _ = c.Write(refusal) } // the client may have gone
