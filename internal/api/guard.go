package api

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
)

// around puts what every answer needs around the router, from the outside in: headers,
// who may ask, HEAD, compression.
func (s *Server) around(router http.Handler) http.Handler {
	h := router
	// The defaults of this wrapper are well-formed, so it cannot fail.
	if gzip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024)); err == nil {
		h = gzip(h)
	}
	h = headAsGet(h)
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, http.StatusForbidden, "Pages of another site may not change anything here.")
	}))
	h = cross.Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.secure(w.Header(), r)
		if !s.hostAllowed(r) {
			writeProblem(w, r, http.StatusMisdirectedRequest, "This server does not go by the name of that Host header; add it to API_ALLOWED_HOSTS if it should.")
			return
		}
		h.ServeHTTP(w, r)
	})
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
	h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' "+s.socketSource(r.Host)+
		"; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'")
	if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics" {
		h.Set("Cache-Control", "no-store")
	}
}

// socketSource is the place of the WebSocket as a source of the content security
// policy, which has no form for an IPv6 literal.
func (s *Server) socketSource(hostport string) string {
	host := hostName(hostport)
	for _, c := range host {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-') {
			return "ws: wss:"
		}
	}
	if host == "" {
		return "ws: wss:"
	}
	at := host + ":" + strconv.Itoa(s.cfg.WSPort)
	return "ws://" + at + " wss://" + at
}

// hostAllowed refuses names that are not this machine's where only this machine can
// connect: a page could have its own name resolved to 127.0.0.1 (DNS rebinding).
func (s *Server) hostAllowed(r *http.Request) bool {
	bound, _, err := net.SplitHostPort(s.cfg.Addr)
	if err != nil || !isLoopback(bound) {
		return true
	}
	host := hostName(r.Host)
	return isLoopback(host) || net.ParseIP(host) != nil ||
		slices.ContainsFunc(s.cfg.AllowedHosts, func(a string) bool { return strings.EqualFold(a, host) })
}

// hostName is the host of host[:port], without brackets, in lower case.
func hostName(hostport string) string {
	u := url.URL{Host: hostport}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
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
		s.deps.Log.Error("request handler panicked", "path", c.Request.URL.Path, "panic", v, "stack", stack())
		if !c.Writer.Written() {
			problem(c, http.StatusInternalServerError, "NetLyra made a mistake; the log has it.")
		}
	}()
	c.Next()
}
