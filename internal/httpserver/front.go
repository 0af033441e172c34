package httpserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Front determines the client, host, path and site of a request, and checks them.
type Front struct {
	hosts   *Hosts
	trusted proxies
	base    string
	public  *url.URL
	cross   *http.CrossOriginProtection
}

// NewFront returns a Front, or an error that names every invalid value of a.
func NewFront(a Access) (*Front, error) { return newFront(a, thisMachine()) }

func newFront(a Access, sys machine) (*Front, error) {
	public, err := a.public()
	trusted, err2 := a.proxies()
	base, err3 := a.basePath(public)
	if err := errors.Join(err, err2, err3, a.hosts()); err != nil {
		return nil, err
	}
	allowed := a.AllowedHosts
	cross := http.NewCrossOriginProtection()
	if public != nil {
		allowed = append([]string{public.Host}, allowed...)
		if err := cross.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, err
		}
	}
	return &Front{hosts: newHosts(allowed, sys), trusted: trusted, base: base, public: public, cross: cross}, nil
}

// Request is what a Front determined about a request.
type Request struct {
	Client string // IP address of the client, behind trusted proxies
	Secure bool   // https to this server or to the outermost trusted proxy
	Base   string // path of the dashboard as the client sees it, without a trailing slash; "" if unknown

	peerHost string // Host header as received
}

type requestKey struct{}

// RequestOf returns what the Front determined, or the zero value without a Front.
func RequestOf(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Wrap rewrites a request before next handles it: RemoteAddr and Host are the client's if
// a trusted proxy reports them, and the path has no base path. A request for the base path
// without a trailing slash is redirected to the one with it, so that relative links work.
func (f *Front) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerIP(r.RemoteAddr)
		client, report, ok := f.trusted.via(peer, r.Header)
		found := Request{Client: client.String(), Secure: r.TLS != nil, peerHost: r.Host}
		prefix := ""
		out := r.Clone(r.Context())
		if ok {
			prefix = strings.TrimRight(report.prefix, "/")
			if prefix != "" && !pathPattern.MatchString(prefix) {
				prefix = ""
			}
			if client != peer {
				out.RemoteAddr = net.JoinHostPort(client.String(), "0") // the port is unknown
			}
			if report.host != "" {
				out.Host = report.host
			}
			found.Secure = strings.EqualFold(report.proto, "https") || strings.EqualFold(report.proto, "wss")
		}
		found.Base = prefix
		for _, base := range []string{f.base, prefix} {
			switch rest, cut := strings.CutPrefix(out.URL.Path, base); {
			case base == "" || !cut:
			case rest == "":
				w.Header().Set("Location", base[strings.LastIndexByte(base, '/')+1:]+"/"+query(r.URL))
				w.WriteHeader(http.StatusTemporaryRedirect)
				return
			case rest[0] == '/':
				out.URL.Path, out.URL.RawPath = rest, strings.TrimPrefix(out.URL.RawPath, base)
				if found.Base == "" {
					found.Base = base
				}
			}
		}
		next.ServeHTTP(w, out.WithContext(context.WithValue(out.Context(), requestKey{}, found)))
	})
}

func query(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}

// HostAllowed reports whether the request is for this server. It checks both the Host
// header as received and the one that a trusted proxy reports, which the client may have
// chosen.
func (f *Front) HostAllowed(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	in := RequestOf(r.Context()).peerHost
	return f.hosts.Allowed(r.Host, local) && (in == "" || f.hosts.Allowed(in, local))
}

// OriginAllowed reports whether a page may open a WebSocket: its origin must be the host
// that it connects to, on any port, or a host of this server. A page from loopback may
// only connect to loopback.
func (f *Front) OriginAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true // not a browser
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return false
	}
	from, to := HostName(u.Host), HostName(r.Host)
	if IsLoopback(from) {
		return IsLoopback(to)
	}
	return from == to || f.hosts.Allowed(from, nil)
}

// SiteAllowed reports whether a request may read or change data. Requests made by pages of
// other origins may not, unless a person follows a link to a document. Browsers send Fetch
// Metadata only over HTTPS and to loopback; otherwise Origin and Referer are checked.
// Programs send none of them.
func (f *Front) SiteAllowed(r *http.Request) bool {
	h := r.Header
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	if safe && h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Dest") == "document" {
		return true
	}
	if safe && h.Get("Sec-Fetch-Site") == "" && h.Get("Origin") == "" {
		return f.refererAllowed(r)
	}
	probe := *r
	probe.Method = http.MethodPost // reads are checked like writes
	return f.cross.Check(&probe) == nil
}

// refererAllowed checks requests of browsers without Fetch Metadata. When they follow a
// link they accept HTML; when they load a script or an image they do not.
func (f *Front) refererAllowed(r *http.Request) bool {
	referer := r.Header.Get("Referer")
	if referer == "" || strings.Contains(r.Header.Get("Accept"), "text/html") {
		return true
	}
	u, err := url.Parse(referer)
	return err == nil && (strings.EqualFold(u.Host, r.Host) || f.public != nil && strings.EqualFold(u.Host, f.public.Host))
}

// peerIP returns the IP address of a connection, or the zero value if it is invalid.
func peerIP(remote string) netip.Addr {
	ip, _ := address(remote)
	return ip
}
