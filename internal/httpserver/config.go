package httpserver

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Config is one port.
type Config struct {
	Name, Key string // for errors and metrics: what the server is called, which setting has its port
	Label     string // value of the metrics' label port
	Addr      string // HOST:PORT to listen on

	MaxConnections int // open at once, 0 = no limit
	// PerPeer bounds those of one remote address, so that it cannot keep everybody else
	// out; 0 = three quarters of MaxConnections.
	PerPeer int

	ReadHeaderTimeout time.Duration // of the headers of a request
	ReadTimeout       time.Duration // of a whole request
	WriteTimeout      time.Duration // from the end of the headers to the end of the answer
	IdleTimeout       time.Duration // between two requests
	ShutdownTimeout   time.Duration // for requests that are being answered at stop; 0 cuts them off
}

// Access says who may ask a server and how it is reached.
type Access struct {
	AllowedHosts   []string // names and addresses of this server besides the machine's own (API_ALLOWED_HOSTS)
	TrustedProxies []string // addresses or prefixes whose X-Forwarded-* count (TRUSTED_PROXIES)
	BasePath       string   // path under which a proxy serves the page, "" or as /netlyra (API_BASE_PATH)
	PublicURL      string   // where people reach the page, "" where that is the port itself (PUBLIC_URL)
}

// pathPattern is a path without anything that a URL or HTML would have to escape.
var pathPattern = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// Validate reports every value that cannot be used.
func (a Access) Validate() error {
	_, err := NewFront(a)
	return err
}

func (a Access) hosts() error {
	for _, h := range a.AllowedHosts {
		if h == "" || strings.ContainsAny(h, "*/ ") {
			return fmt.Errorf("allowed host %q: want a host name or an address, without wildcards (API_ALLOWED_HOSTS)", h)
		}
	}
	return nil
}

// basePath is BasePath, or the path of PublicURL, without a slash at its end.
func (a Access) basePath(public *url.URL) (string, error) {
	base := strings.TrimRight(a.BasePath, "/")
	if base == "" && public != nil {
		base = strings.TrimRight(public.Path, "/")
	}
	if base != "" && !pathPattern.MatchString(base) {
		return "", fmt.Errorf("base path %q: want a path such as /netlyra (API_BASE_PATH, PUBLIC_URL)", base)
	}
	return base, nil
}

func (a Access) public() (*url.URL, error) {
	if a.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(a.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("public URL %q: want http:// or https://, a host, and perhaps a port and a path (PUBLIC_URL)", a.PublicURL)
	}
	return u, nil
}

func (a Access) proxies() (proxies, error) {
	var out proxies
	var errs []error
	for _, text := range a.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			var addr netip.Addr
			if addr, err = netip.ParseAddr(text); err == nil {
				p = netip.PrefixFrom(addr, addr.BitLen())
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("trusted proxy %q: want an address or a prefix such as 10.0.0.0/8 (TRUSTED_PROXIES)", text))
			continue
		}
		out = append(out, p.Masked())
	}
	return out, errors.Join(errs...)
}
