package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// Server serves the API, the metrics and the dashboard.
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

// New returns a server. It does not listen until Listen or Run is called.
func New(cfg Config, deps Deps) *Server {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	front, err := httpserver.NewFront(cfg.Access)
	if err != nil { // reported by Listen
		front, _ = httpserver.NewFront(httpserver.Access{}) // cannot fail
	}
	s := &Server{
		cfg: cfg, deps: deps, met: newMetrics(deps.Registerer), front: front,
		searches: newSearches(cfg, deps.Registerer), srv: httpserver.New(serverConfig(cfg), front, deps.Log),
	}
	if deps.Registerer != nil {
		deps.Registerer.MustRegister(s.srv.Collector())
	}
	s.router = s.routes()
	s.handler = s.wrap(s.router)
	return s
}

// Handler returns the handler of all requests, for tests and embedding.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen validates the configuration and listens on the port, so that a port in use is
// reported before anything else starts. Run calls it if it was not called.
func (s *Server) Listen() error { return s.srv.Listen(s.cfg.Validate) }

// Addr returns the address of the listener, or nil if Listen failed. It blocks until
// Listen was called.
func (s *Server) Addr() net.Addr { return s.srv.Addr() }

// Run serves requests until ctx ends, then stops accepting connections and waits for
// running requests, at most Config.ShutdownTimeout.
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

// queryContext limits the time of a database query.
func (s *Server) queryContext(c *gin.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request.Context(), s.cfg.QueryTimeout)
}
