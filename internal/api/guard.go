package api

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// wrap adds to the router, from the outside in: the client's address and base path,
// security headers, host and site checks, the WebSocket, HEAD, compression.
func (s *Server) wrap(router http.Handler) http.Handler {
	h := router
	// Cannot fail: the only option is valid.
	if gzip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024)); err == nil {
		h = gzip(h)
	}
	h = headAsGet(h)
	return s.front.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.secure(w.Header(), r)
		switch safe := r.Method == http.MethodGet || r.Method == http.MethodHead; {
		case !s.front.HostAllowed(r):
			httpserver.NewProblem(http.StatusMisdirectedRequest, vocabulary.ProblemHostNotAllowed,
				"The Host header is not a name or address of this server; to allow it, add it to API_ALLOWED_HOSTS.").WriteAndClose(w, r)
		case r.URL.Path == socketPath && s.deps.Live != nil:
			s.deps.Live.ServeHTTP(w, r)
		case (!safe || isData(r.URL.Path)) && !s.front.SiteAllowed(r):
			httpserver.NewProblem(http.StatusForbidden, vocabulary.ProblemCrossSite,
				"Pages of other sites may not use the API; behind a reverse proxy, set PUBLIC_URL.").WriteAndClose(w, r)
		default:
			h.ServeHTTP(w, r)
		}
	}))
}

// socketPath is the path of the WebSocket on this port.
const socketPath = "/ws"

// isData reports whether the path serves data, which only the dashboard and programs may
// read, and not a file of the dashboard.
func isData(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || path == "/metrics"
}

// headAsGet makes every GET route support HEAD; net/http omits the body.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets the security headers for browsers.
func (s *Server) secure(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' "+s.socketSources(r.Host)+
		"; frame-ancestors 'none'; base-uri 'self'; form-action 'none'; object-src 'none'")
	if isData(r.URL.Path) {
		h.Set("Cache-Control", "no-store")
	}
}

// hostPattern matches a host, with or without a port, that a content security policy can
// express. It cannot express IPv6 addresses.
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)

// socketSources returns the WebSocket's addresses as sources of the content security
// policy: the host of the page (which older browsers do not include in 'self'), the
// WebSocket's port on that host, and the configured URL.
func (s *Server) socketSources(host string) string {
	public, _ := socketOrigin(s.cfg.PublicWSURL) // checked by Validate
	host = strings.ToLower(host)
	if !hostPattern.MatchString(host) {
		return strings.TrimSpace("ws: wss: " + public)
	}
	sources := []string{"ws://" + host, "wss://" + host}
	if own := httpserver.HostName(host) + ":" + strconv.Itoa(s.cfg.WSPort); own != host {
		sources = append(sources, "ws://"+own, "wss://"+own)
	}
	return strings.TrimSpace(strings.Join(sources, " ") + " " + public)
}

// recovered answers a panic with 500 and logs it.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { // compared as net/http does
			panic(v)
		}
		s.deps.Log.Error("request handler panicked", vocabulary.EventHandlerPanicked.Attr(), "client", c.ClientIP(), "path", c.Request.URL.Path, "panic", v, "stack", stack())
		if !c.Writer.Written() {
			problem(c, http.StatusInternalServerError, vocabulary.ProblemInternal, "Internal error; see the log.")
		}
	}()
	c.Next()
}
