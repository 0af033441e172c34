package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// Server answers requests.
type Server struct {
	cfg      Config
	deps     Deps
	met      *metrics
	searches *searches
	router   *gin.Engine
	handler  http.Handler
	front    *httpserver.Front
	srv      *httpserver.Server
}

// New makes a server. It does nothing until Run.
func New(cfg Config, deps Deps) *Server {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	front, err := httpserver.NewFront(cfg.Access)
	if err != nil { // Listen says why it cannot be used
		front, _ = httpserver.NewFront(httpserver.Access{}) // which cannot fail
	}
	s := &Server{
		cfg: cfg, deps: deps, met: newMetrics(deps.Registerer), front: front,
		searches: newSearches(cfg, deps.Registerer), srv: httpserver.New(serverConfig(cfg), front, deps.Log),
	}
	if deps.Registerer != nil {
		deps.Registerer.MustRegister(s.srv.Collector())
	}
	s.router = s.routes()
	s.handler = s.around(s.router)
	return s
}

// Handler answers requests without a listener of its own, for tests and embedding.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen takes the port, so that a port in use is known before anything else starts.
// Run does it where it has not been done.
func (s *Server) Listen() error { return s.srv.Listen(s.cfg.Validate) }

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (s *Server) Addr() net.Addr { return s.srv.Addr() }

// Run answers requests until ctx ends, then takes no more and waits for those that are
// being answered, at most Config.ShutdownTimeout.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	return s.srv.Run(ctx, s.handler)
}

func serverConfig(cfg Config) httpserver.Config {
	return httpserver.Config{
		Name: "API", Key: "API_PORT", Label: "api", Addr: cfg.Addr, MaxConnections: cfg.MaxConnections,
		ReadHeaderTimeout: cfg.HeaderTimeout, ReadTimeout: cfg.ReadTimeout, WriteTimeout: cfg.WriteTimeout,
		IdleTimeout: cfg.IdleTimeout, ShutdownTimeout: cfg.ShutdownTimeout,
	}
}

// queryContext bounds the time of the database.
func (s *Server) queryContext(c *gin.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request.Context(), s.cfg.QueryTimeout)
}
