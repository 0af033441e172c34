package httpserver

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/netlimit"
)

// maxHeaderBytes limits the headers of one request.
const maxHeaderBytes = 32 << 10

// Server serves one port.
type Server struct {
	cfg   Config
	log   *slog.Logger
	port  *port
	front *Front
}

// New returns a server; Run refreshes the hosts of front. The server does not listen until
// Listen or Run is called.
func New(cfg Config, front *Front, log *slog.Logger) *Server {
	if log == nil {
		log = slog.Default()
	}
	return &Server{cfg: cfg, log: log, port: newPort(cfg.Name, cfg.Key), front: front}
}

// Listen calls validate and, if that returns nil, listens on the port. All calls return
// the result of the first. Run calls it if it was not called.
func (s *Server) Listen(validate func() error) error {
	perPeer := s.cfg.PerPeer
	if perPeer == 0 {
		perPeer = (3*s.cfg.MaxConnections + 3) / 4
	}
	return s.port.listen(s.cfg.Addr, validate, netlimit.Config{
		Total: s.cfg.MaxConnections, PerPeer: perPeer, Refuse: refuse, Event: s.shortage,
	})
}

// Addr returns the address of the listener, or nil if Listen failed. It blocks until
// Listen was called.
func (s *Server) Addr() net.Addr { return s.port.addr() }

// Run serves requests until ctx ends. Then it stops accepting connections, waits
// Config.ShutdownTimeout for running requests, and closes the remaining connections.
// Hijacked connections are left to their handlers.
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

// end waits for running requests, for at most Config.ShutdownTimeout.
func (s *Server) end(ctx context.Context, srv *http.Server) {
	if s.cfg.ShutdownTimeout > 0 {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownTimeout)
		defer cancel()
		if srv.Shutdown(limit) == nil {
			return
		}
		s.log.Warn("requests cut off at stop", vocabulary.EventRequestsCutOff.Attr(), "port", s.cfg.Label, "after", s.cfg.ShutdownTimeout)
	}
	_ = srv.Close()
}

// shortage logs the start of refusals or of errors of Accept.
func (s *Server) shortage(e netlimit.Event) {
	if e.Err != nil {
		s.log.Error("cannot accept connections; retrying", vocabulary.EventAcceptFailed.Attr(), "port", s.cfg.Label, "error", e.Err)
		return
	}
	s.log.Warn("refusing connections", vocabulary.EventConnectionsRefused.Attr(), "port", s.cfg.Label, "reason", string(e.Reason), "client", e.Peer,
		"max_connections", s.cfg.MaxConnections)
}

// refusal is the response to a connection above the limits. It is written before the
// request is read.
var refusal = func() []byte {
	body := string(NewProblem(http.StatusServiceUnavailable, vocabulary.ProblemTooManyConnections, "Too many open connections; retry later.").encode())
	return []byte("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}()

func refuse(c net.Conn, _ netlimit.Reason) { _, _ = c.Write(refusal) } // the client may have disconnected
