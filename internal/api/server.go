package api

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/obs"
)

// Server answers requests.
type Server struct {
	cfg     Config
	deps    Deps
	met     *metrics
	router  *gin.Engine
	handler http.Handler
	port    *obs.Port
}

// New makes a server. It does nothing until Run.
func New(cfg Config, deps Deps) *Server {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	s := &Server{cfg: cfg, deps: deps, met: newMetrics(deps.Registerer), port: obs.NewPort("API", "API_PORT")}
	s.router = s.routes()
	s.handler = s.around(s.router)
	return s
}

// Handler answers requests without a listener of its own, for tests and embedding.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen takes the port, so that a port in use is known before anything else starts.
// Run does it where it has not been done.
func (s *Server) Listen() error { return s.port.Listen(s.cfg.Addr, s.cfg.Validate) }

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (s *Server) Addr() net.Addr { return s.port.Addr() }

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
	go func() { served <- srv.Serve(s.port.Listener()) }()
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
