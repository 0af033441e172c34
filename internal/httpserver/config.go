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

// Config configures a Server.
type Config struct {
	Name, Key string // name of the server and setting of its port, for errors
	Label     string // label port of the metrics
	Addr      string // HOST:PORT to listen on

	MaxConnections int // open connections; 0: unlimited
	// PerPeer limits the connections of one remote address, so that it cannot keep all
	// others out; 0: three quarters of MaxConnections.
	PerPeer int

	ReadHeaderTimeout time.Duration // for the headers of a request
	ReadTimeout       time.Duration // for a whole request
	WriteTimeout      time.Duration // from the end of the headers to the end of the response
	IdleTimeout       time.Duration // between two requests
	ShutdownTimeout   time.Duration // for running requests at stop; 0: close their connections at once
}

// Access configures a Front: which requests are allowed and how clients reach the server.
type Access struct {
	AllowedHosts   []string // names and addresses besides this machine's (API_ALLOWED_HOSTS)
	TrustedProxies []string // addresses or prefixes whose X-Forwarded-* are used (TRUSTED_PROXIES)
	BasePath       string   // path under which a proxy serves the dashboard, such as /netlyra (API_BASE_PATH)
	PublicURL      string   // URL of the dashboard behind a proxy; "": none (PUBLIC_URL)
}

// pathPattern matches a path that needs no escaping in URLs and HTML.
var pathPattern = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// Validate returns an error that names every invalid value.
func (a Access) Validate() error {
	_, err := NewFront(a)
	return err
}

func (a Access) hosts() error {
	for _, h := range a.AllowedHosts {
		if h == "" || strings.ContainsAny(h, "*/ ") {
			return fmt.Errorf("allowed host is %q, want a host name or an address without wildcards (API_ALLOWED_HOSTS)", h)
		}
	}
	return nil
}

// basePath returns BasePath or the path of PublicURL, without a trailing slash.
func (a Access) basePath(public *url.URL) (string, error) {
	base := strings.TrimRight(a.BasePath, "/")
	if base == "" && public != nil {
		base = strings.TrimRight(public.Path, "/")
	}
	if base != "" && !pathPattern.MatchString(base) {
		return "", fmt.Errorf("base path is %q, want a path such as /netlyra (API_BASE_PATH, PUBLIC_URL)", base)
	}
	return base, nil
}

func (a Access) public() (*url.URL, error) {
	if a.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(a.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("public URL is %q, want http:// or https://, a host and optionally a port and a path (PUBLIC_URL)", a.PublicURL)
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
			errs = append(errs, fmt.Errorf("trusted proxy is %q, want an address or a prefix such as 10.0.0.0/8 (TRUSTED_PROXIES)", text))
			continue
		}
		out = append(out, p.Masked())
	}
	return out, errors.Join(errs...)
}
