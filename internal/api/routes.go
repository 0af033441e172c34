package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Base is the path of the REST API.
const Base = "/api/v1"

func init() { gin.SetMode(gin.ReleaseMode) }

// routes returns the router of all routes. Other paths are files of the dashboard, or not
// found.
func (s *Server) routes() *gin.Engine {
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	r.UseRawPath, r.UnescapePathValues = true, true // an id may contain an escaped slash
	_ = r.SetTrustedProxies(nil)                    // cannot fail; RemoteAddr already is the client's address, see httpserver.Front
	r.Use(s.observe, s.recovered)

	v1 := r.Group(Base)
	v1.GET("/health", produces("application/json"), s.getHealth)
	v1.GET("/alerts", produces("application/json"), s.listAlerts)
	v1.GET("/alerts/:id", produces("application/json"), s.getAlert)
	v1.PATCH("/alerts/:id", produces("application/json"), s.patchAlert)
	v1.GET("/connections", produces("application/json"), s.listConnections)
	v1.GET("/connections/:id", produces("application/json"), s.getConnection)
	v1.GET("/stats", produces("application/json"), s.getStats)
	v1.GET("/ledger", produces("application/json"), s.getLedger)
	v1.GET("/features", produces("application/json"), s.getFeatures)
	v1.GET("/machines", produces("application/json"), s.getMachines)
	v1.GET("/config", produces("application/json"), s.getConfig)
	v1.GET("/openapi.yaml", produces(specType), s.getSpec)
	if s.deps.Gatherer != nil {
		r.GET("/metrics", gin.WrapH(promhttp.HandlerFor(s.deps.Gatherer, promhttp.HandlerOpts{})))
	}

	r.NoMethod(func(c *gin.Context) {
		problem(c, http.StatusMethodNotAllowed, vocabulary.ProblemMethodNotAllowed, "Method not allowed; use "+c.Writer.Header().Get("Allow")+".")
	})
	page := newPage(s.deps.UI)
	r.NoRoute(func(c *gin.Context) {
		if p := c.Request.URL.Path; p != "/metrics" && isData(p) {
			problem(c, http.StatusNotFound, vocabulary.ProblemNoRoute, "No such route; see "+Base+"/openapi.yaml.")
			return
		}
		page.serve(c)
	})
	return r
}

// produces responds with 406 if the client does not accept the media type kind.
func produces(kind string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !accepts(c.Request.Header.Values("Accept"), kind) {
			problem(c, http.StatusNotAcceptable, vocabulary.ProblemNotAcceptable, "This route only produces "+kind+".")
		}
	}
}

// Routes returns "METHOD /path/{parameter}" of every route except the dashboard and the
// WebSocket.
func (s *Server) Routes() []string {
	var out []string
	for _, r := range s.router.Routes() {
		parts := strings.Split(r.Path, "/")
		for i, p := range parts {
			if name, ok := strings.CutPrefix(p, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		out = append(out, r.Method+" "+strings.Join(parts, "/"))
	}
	return out
}
