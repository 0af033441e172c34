package live

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// originAllowed reports whether the page that connects may. A browser says where the
// page is from, other programs say nothing. Allowed are pages of the host that is
// connected to (on any port: the API has another one), of this machine to this
// machine, and of the configured hosts.
func (h *Hub) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.cfg.AllowedOrigins, "*") {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return false
	}
	from, to := strings.ToLower(u.Hostname()), hostName(r.Host)
	return from == to || isLoopback(from) && isLoopback(to) || h.configured(from)
}

// hostAllowed refuses names that are not this machine's where only this machine can
// connect: a page could have its own name resolved to 127.0.0.1 (DNS rebinding).
func (h *Hub) hostAllowed(r *http.Request) bool {
	if addr, ok := h.port.Listener().Addr().(*net.TCPAddr); !ok || !addr.IP.IsLoopback() {
		return true
	}
	to := hostName(r.Host)
	return isLoopback(to) || net.ParseIP(to) != nil || h.configured(to) || slices.Contains(h.cfg.AllowedOrigins, "*")
}

func (h *Hub) configured(host string) bool {
	return slices.ContainsFunc(h.cfg.AllowedOrigins, func(o string) bool { return strings.EqualFold(o, host) })
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
