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

// Front decides who asks, for what host, under which path and from which site.
type Front struct {
	hosts   *Hosts
	trusted proxies
	base    string
	public  *url.URL
	cross   *http.CrossOriginProtection
}

// NewFront makes a front, or reports every value of a that cannot be used.
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

// Request is what a Front found out about a request.
type Request struct {
	Client string // IP address of who asked, behind trusted proxies
	Secure bool   // https up to here or to the outermost trusted proxy
	Base   string // path of the page as the client sees it, without a slash at the end; "" where that is not known

	peerHost string // Host as it came in
}

type requestKey struct{}

// RequestOf is what the front found out; the zero value where no front was passed.
func RequestOf(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Wrap makes the request what the client asked for before next sees it: RemoteAddr and
// Host are the client's where a trusted proxy says them, and the path has no base path.
// A request for the base path itself, without a slash, is sent to the one with it,
// because relative links would lead elsewhere.
func (f *Front) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerIP(r.RemoteAddr)
		client, said, ok := f.trusted.via(peer, r.Header)
		found := Request{Client: client.String(), Secure: r.TLS != nil, peerHost: r.Host}
		prefix := ""
		out := r.Clone(r.Context())
		if ok {
			prefix = strings.TrimRight(said.prefix, "/")
			if prefix != "" && !pathPattern.MatchString(prefix) {
				prefix = ""
			}
			if client != peer {
				out.RemoteAddr = net.JoinHostPort(client.String(), "0") // nobody knows the port
			}
			if said.host != "" {
				out.Host = said.host
			}
			found.Secure = strings.EqualFold(said.proto, "https") || strings.EqualFold(said.proto, "wss")
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

// HostAllowed reports whether the request is for this server: its Host as it came in, and
// the one that a trusted proxy says, for that one may be the client's own word.
func (f *Front) HostAllowed(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	in := RequestOf(r.Context()).peerHost
	return f.hosts.Allowed(r.Host, local) && (in == "" || f.hosts.Allowed(in, local))
}

// OriginAllowed reports whether a page may open a WebSocket: one of the host that is
// connected to, on any port, and of the hosts by which this server goes. A page of the
// client's own machine may not reach another one.
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

// SiteAllowed reports whether a request may be answered that reads or changes data: not
// one that a page of another origin makes, unless a person follows a link to a document.
// Browsers say where a request is from by Fetch Metadata, but only over HTTPS and to
// loopback; without it Origin and Referer tell. Programs send none of them.
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
	probe.Method = http.MethodPost // reads are held to the same
	return f.cross.Check(&probe) == nil
}

// refererAllowed is for browsers that send no Fetch Metadata: one that follows a link
// takes HTML, one that loads a script or an image does not ask for it.
func (f *Front) refererAllowed(r *http.Request) bool {
	referer := r.Header.Get("Referer")
	if referer == "" || strings.Contains(r.Header.Get("Accept"), "text/html") {
		return true
	}
	u, err := url.Parse(referer)
	return err == nil && (strings.EqualFold(u.Host, r.Host) || f.public != nil && strings.EqualFold(u.Host, f.public.Host))
}

// peerIP is the address of a connection, which tests may have made up.
func peerIP(remote string) netip.Addr {
	ip, _ := address(remote)
	return ip
}
