package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
)

// Server answers requests.
type Server struct {
	cfg     Config
	deps    Deps
	met     *metrics
	router  *gin.Engine
	handler http.Handler

	once  sync.Once
	ln    net.Listener
	err   error
	ready chan struct{} // closed when it listens or cannot
}

// New makes a server. It does nothing until Run.
func New(cfg Config, deps Deps) *Server {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	s := &Server{cfg: cfg, deps: deps, met: newMetrics(deps.Registerer), ready: make(chan struct{})}
	s.router = s.routes()
	s.handler = s.around(s.router)
	return s
}

// Handler answers requests without a listener of its own, for tests and embedding.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen takes the port, so that a port in use is known before anything else starts.
// Run does it where it has not been done.
func (s *Server) Listen() error {
	s.once.Do(func() {
		defer close(s.ready)
		if s.err = s.cfg.Validate(); s.err != nil {
			return
		}
		s.ln, s.err = net.Listen("tcp", s.cfg.Addr)
		switch {
		case errors.Is(s.err, syscall.EADDRINUSE):
			s.err = fmt.Errorf("API address %s is in use: stop the program that has it, or set API_PORT to another port: %w", s.cfg.Addr, s.err)
		case s.err != nil:
			s.err = fmt.Errorf("API address %s cannot be used (API_HOST, API_PORT): %w", s.cfg.Addr, s.err)
		}
	})
	return s.err
}

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (s *Server) Addr() net.Addr {
	<-s.ready
	if s.ln == nil {
		return nil
	}
	return s.ln.Addr()
}

// Run answers requests until ctx ends, then takes no more and waits for those that are
// being answered, at most Config.ShutdownTimeout.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       s.cfg.ReadTimeout,
		WriteTimeout:      s.cfg.WriteTimeout,
		IdleTimeout:       s.cfg.IdleTimeout,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.deps.Log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.ln) }()
	select {
	case err := <-served:
		return fmt.Errorf("api: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		s.deps.Log.Warn("requests were cut off at stop", "after", s.cfg.ShutdownTimeout)
		_ = srv.Close() // they have had their time
	}
	<-served
	return nil
}

// queryContext bounds the time of the database.
func (s *Server) queryContext(c *gin.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request.Context(), s.cfg.QueryTimeout)
}
