package api

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// around puts what every answer needs around the router, from the outside in: who asks
// and for what, headers, who may ask, the WebSocket, HEAD, compression.
func (s *Server) around(router http.Handler) http.Handler {
	h := router
	// The defaults of this wrapper are well-formed, so it cannot fail.
	if gzip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024)); err == nil {
		h = gzip(h)
	}
	h = headAsGet(h)
	return s.front.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.secure(w.Header(), r)
		switch safe := r.Method == http.MethodGet || r.Method == http.MethodHead; {
		case !s.front.HostAllowed(r):
			refuse(w, r, http.StatusMisdirectedRequest, "This server does not go by the name in the Host header; add it to API_ALLOWED_HOSTS if it should.")
		case r.URL.Path == socketPath && s.deps.Live != nil:
			s.deps.Live.ServeHTTP(w, r)
		case (!safe || isData(r.URL.Path)) && !s.front.SiteAllowed(r):
			refuse(w, r, http.StatusForbidden, "Pages of another site may neither read nor change anything here; behind a reverse proxy set PUBLIC_URL.")
		default:
			h.ServeHTTP(w, r)
		}
	}))
}

// socketPath is where the WebSocket is, besides its own port.
const socketPath = "/ws"

// isData tells what may be answered only to NetLyra's own page and to programs from the
// files of the page.
func isData(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || path == "/metrics"
}

// refuse answers a request that may not be made, and closes its connection.
func refuse(w http.ResponseWriter, r *http.Request, status int, detail string) {
	w.Header().Set("Connection", "close")
	writeProblem(w, r, status, detail)
}

// headAsGet lets every GET route answer HEAD; net/http leaves the body out.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that tell a browser what this page may do.
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

// hostPattern is a host that the content security policy has a form for, which it has
// not for an IPv6 literal, with or without a port.
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)

// socketSources are the places of the WebSocket as sources of the content security
// policy: the host of the page (older browsers do not count it as 'self'), the
// WebSocket's own port there, and the configured one.
func (s *Server) socketSources(host string) string {
	public, _ := socketOrigin(s.cfg.PublicWSURL) // Validate has said what is wrong
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

// recovered turns a panic into a 500 and a log line.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { // net/http compares it so
			panic(v)
		}
		s.deps.Log.Error("request handler panicked", "client", c.ClientIP(), "path", c.Request.URL.Path, "panic", v, "stack", stack())
		if !c.Writer.Written() {
			problem(c, http.StatusInternalServerError, "NetLyra made a mistake; the log has it.")
		}
	}()
	c.Next()
}
