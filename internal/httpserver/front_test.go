package httpserver

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func front(t *testing.T, a Access) *Front {
	t.Helper()
	f, err := newFront(a, sensor().machine())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pass sends a request through f and returns it as the handler receives it, or nil if
// the handler is not called.
func pass(f *Front, peer, host, target string, headers ...string) (seen *http.Request, w *httptest.ResponseRecorder) {
	r := httptest.NewRequest("GET", "http://placeholder"+target, nil)
	r.RemoteAddr, r.Host = peer, host
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w = httptest.NewRecorder()
	f.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r })).ServeHTTP(w, r)
	return seen, w
}

func TestForwardedHeadersRequireTrustedProxy(t *testing.T) {
	f := front(t, Access{TrustedProxies: []string{"10.0.0.0/8", "::1"}})
	const peer = "10.0.0.1:4711"
	for _, tt := range []struct {
		name, peer   string
		headers      []string
		client, host string
		base         string
		secure       bool
	}{
		{"no headers", peer, nil, "10.0.0.1", "up:1", "", false},
		{"all headers", peer, []string{"X-Forwarded-For", "192.0.2.4", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "noc.example", "X-Forwarded-Prefix", "/netlyra/"},
			"192.0.2.4", "noc.example", "/netlyra", true},
		{"from an untrusted peer", "192.0.2.66:1", []string{"X-Forwarded-For", "127.0.0.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "localhost", "X-Forwarded-Prefix", "/x", "Forwarded", "for=127.0.0.1;host=localhost"},
			"192.0.2.66", "up:1", "", false},
		{"mapped address", "[::ffff:10.0.0.1]:1", []string{"X-Forwarded-For", "192.0.2.4"}, "192.0.2.4", "up:1", "", false},
		{"chain of proxies", peer, []string{"X-Forwarded-For", "192.0.2.4, 10.0.0.9", "X-Forwarded-Host", "noc.example, inner.example", "X-Forwarded-Proto", "https, http"},
			"192.0.2.4", "noc.example", "", true},
		{"forged by the client", peer, []string{"X-Forwarded-For", "127.0.0.1, 192.0.2.4"}, "192.0.2.4", "up:1", "", false},
		{"forged in a repeated header", peer, []string{"X-Forwarded-For", "127.0.0.1", "X-Forwarded-For", "192.0.2.4", "X-Forwarded-Host", "localhost", "X-Forwarded-Host", "noc.example"}, "192.0.2.4", "noc.example", "", false},
		{"not an address", peer, []string{"X-Forwarded-For", "192.0.2.5, unknown"}, "10.0.0.1", "up:1", "", false},
		{"with a port", peer, []string{"X-Forwarded-For", "[2001:db8::4]:99"}, "2001:db8::4", "up:1", "", false},
		{"RFC 7239", peer, []string{"Forwarded", `for=192.0.2.7, for="[2001:db8::5]:47";proto=https;host="noc.example:8443"`}, "2001:db8::5", "noc.example:8443", "", true},
		{"Forwarded of the client, passed on by the proxy", peer, []string{"Forwarded", "for=127.0.0.1;host=localhost", "X-Forwarded-For", "192.0.2.4"}, "192.0.2.4", "up:1", "", false},
		{"unterminated quotes", peer, []string{"Forwarded", `for="192.0.2.7;host=x`}, "10.0.0.1", "up:1", "", false},
		{"only a prefix", "[::1]:9", []string{"X-Forwarded-Prefix", "/a/b"}, "::1", "up:1", "/a/b", false},
		{"prefix with another host", peer, []string{"X-Forwarded-Prefix", "//evil.example"}, "10.0.0.1", "up:1", "", false},
		{"prefix with markup", peer, []string{"X-Forwarded-Prefix", `/"><script>`}, "10.0.0.1", "up:1", "", false},
		{"prefix with ..", peer, []string{"X-Forwarded-Prefix", "/../x"}, "10.0.0.1", "up:1", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := pass(f, tt.peer, "up:1", "/alerts", tt.headers...)
			got := RequestOf(r.Context())
			if got.Client != tt.client || r.Host != tt.host || got.Base != tt.base || got.Secure != tt.secure {
				t.Errorf("client %s, host %s, base %q, secure %v; want %s, %s, %q, %v", got.Client, r.Host, got.Base, got.Secure, tt.client, tt.host, tt.base, tt.secure)
			}
			if client := peerIP(r.RemoteAddr).String(); client != tt.client {
				t.Errorf("RemoteAddr %s, want %s", r.RemoteAddr, tt.client)
			}
		})
	}
}

// A proxy may pass on the X-Forwarded-Host of its client, so both it and Host must be
// allowed.
func TestForwardedHostIsCheckedBesideHost(t *testing.T) {
	f := front(t, Access{TrustedProxies: []string{"10.0.0.1"}, AllowedHosts: []string{"noc.example"}})
	for _, tt := range []struct {
		host, forwarded string
		want            bool
	}{
		{"noc.example", "", true}, {"noc.example", "noc.example", true}, {"127.0.0.1:8090", "noc.example", true}, {"sensor:8090", "noc.example:443", true},
		{"evil.example", "noc.example", false}, {"evil.example", "localhost", false}, {"127.0.0.1:8090", "evil.example", false}, {"noc.example", "evil.example", false},
	} {
		r, _ := pass(f, "10.0.0.1:1", tt.host, "/", "X-Forwarded-Host", tt.forwarded)
		if got := f.HostAllowed(r); got != tt.want {
			t.Errorf("Host %s, X-Forwarded-Host %s: allowed %v", tt.host, tt.forwarded, got)
		}
	}
}

func TestBasePathIsStripped(t *testing.T) {
	for _, access := range []Access{
		{BasePath: "/netlyra"}, {BasePath: "/netlyra/"}, {PublicURL: "https://noc.example/netlyra/"}, {PublicURL: "https://noc.example:8443/other", BasePath: "/netlyra"},
		{TrustedProxies: []string{"10.0.0.1"}},
	} {
		f := front(t, access)
		var headers []string
		if access.TrustedProxies != nil {
			headers = []string{"X-Forwarded-Prefix", "/netlyra"}
		}
		for target, want := range map[string]string{
			"/netlyra/": "/", "/netlyra/alerts/a%2Fb?x=1": "/alerts/a%2Fb", "/netlyra/api/v1/health": "/api/v1/health", "/netlyra/netlyra/": "/netlyra/",
			"/": "/", "/alerts": "/alerts", "/netlyra2/x": "/netlyra2/x", "/x/netlyra/": "/x/netlyra/",
		} {
			r, _ := pass(f, "10.0.0.1:1", "localhost", target, headers...)
			if r == nil || r.URL.EscapedPath() != want {
				t.Errorf("%+v: %s became %v, want %s", access, target, r, want)
				continue
			}
			prefixed := strings.HasPrefix(target, "/netlyra/") || headers != nil
			if base := RequestOf(r.Context()).Base; (base == "/netlyra") != prefixed || !prefixed && base != "" {
				t.Errorf("%+v: %s: base %q", access, target, base)
			}
		}
		if r, w := pass(f, "10.0.0.1:1", "localhost", "/netlyra?x=1", headers...); r != nil || w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != "netlyra/?x=1" {
			t.Errorf("%+v: without a slash: %d %v", access, w.Code, w.Header())
		}
	}
}

func TestInvalidAccess(t *testing.T) {
	for text, a := range map[string]Access{
		"API_ALLOWED_HOSTS": {AllowedHosts: []string{"*"}}, "TRUSTED_PROXIES": {TrustedProxies: []string{"proxy.example"}}, "API_BASE_PATH": {BasePath: "netlyra"},
		"PUBLIC_URL": {PublicURL: "noc.example"}, "base path": {BasePath: `/a"b`}, "/a/../b": {BasePath: "/a/../b"}, "ftp": {PublicURL: "ftp://noc.example/"},
		"*.example": {AllowedHosts: []string{"*.example"}},
	} {
		if err := a.Validate(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: error %v, want one about %s", a, err, text)
		}
	}
}

func TestSiteAllowed(t *testing.T) {
	f := front(t, Access{PublicURL: "https://noc.example/netlyra/"})
	const same, other = "http://192.168.7.9:8090", "https://evil.example"
	for _, tt := range []struct {
		name, method string
		headers      []string
		want         bool
	}{
		{"a program", "GET", nil, true},
		{"a program that writes", "PATCH", nil, true},
		{"the page", "GET", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, true},
		{"the page that writes", "PATCH", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Origin", same}, true},
		{"the address bar", "GET", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, true},
		{"a link of another site", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, true},
		{"a frame of another site", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, false},
		{"an object of another site", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "object"}, false},
		{"a form of another site", "POST", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, false},
		{"a script tag", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, false},
		{"an image", "HEAD", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, false},
		{"fetch", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", other}, false},
		{"another port of the host", "GET", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, false},
		{"a preflight", "OPTIONS", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Origin", other}, false},
		{"the public page, the proxy changed Host", "GET", []string{"Sec-Fetch-Site", "same-origin"}, true},
		{"the public page in an old browser", "PATCH", []string{"Origin", "https://noc.example"}, true},

		{"old browser: the page", "GET", nil, true},
		{"old browser: the page writes", "PATCH", []string{"Origin", same}, true},
		{"old browser: fetch", "GET", []string{"Origin", other}, false},
		{"old browser: another port", "GET", []string{"Origin", "http://192.168.7.9:9000"}, false},
		{"old browser: a sandboxed frame", "GET", []string{"Origin", "null"}, false},
		{"old browser: a form", "POST", []string{"Origin", other}, false},
		{"old browser: a script tag", "GET", []string{"Referer", other + "/x", "Accept", "*/*"}, false},
		{"old browser: an image", "GET", []string{"Referer", other + "/x", "Accept", "image/*"}, false},
		{"old browser: a link", "GET", []string{"Referer", other + "/x", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, true},
		{"old browser: links of the page before the build", "GET", []string{"Referer", same + "/", "Accept", "*/*"}, true},
		{"old browser: the public page", "GET", []string{"Referer", "https://noc.example/netlyra/", "Accept", "*/*"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, same+"/api/v1/alerts", nil)
			for i := 0; i+1 < len(tt.headers); i += 2 {
				r.Header.Set(tt.headers[i], tt.headers[i+1])
			}
			if got := f.SiteAllowed(r); got != tt.want {
				t.Errorf("%s %v: allowed %v, want %v", tt.method, tt.headers, got, tt.want)
			}
		})
	}
}

func TestOriginAllowed(t *testing.T) {
	f := front(t, Access{AllowedHosts: []string{"noc.example"}, PublicURL: "https://public.example/n/"})
	for _, tt := range []struct {
		host, origin string
		want         bool
	}{
		{"127.0.0.1:8091", "", true}, {"127.0.0.1:8091", "http://127.0.0.1:8090", true}, {"127.0.0.1:8091", "http://localhost:5173", true}, {"192.168.7.9:8091", "http://192.168.7.9:8090", true},
		{"sensor:8091", "http://sensor:8090", true}, {"127.0.0.1:8091", "http://sensor:8080", true}, {"127.0.0.1:8091", "https://noc.example", true},
		{"127.0.0.1:8091", "https://public.example", true}, {"[::1]:8091", "http://[::1]:8090", true},
		{"127.0.0.1:8091", "https://evil.example", false}, {"192.168.7.9:8091", "http://192.168.7.10", false}, {"127.0.0.1:8091", "http://8.8.8.8", false},
		{"192.168.7.9:8091", "http://localhost:3000", false}, {"127.0.0.1:8091", "null", false}, {"127.0.0.1:8091", "file://", false}, {"127.0.0.1:8091", "http://", false},
		{"127.0.0.1:8091", "chrome-extension://sensor", false}, {"127.0.0.1:8091", "http://localhost.evil.example", false}, {"127.0.0.1:8091", "://", false},
	} {
		r := httptest.NewRequest("GET", "http://"+tt.host+"/ws", nil)
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		if got := f.OriginAllowed(r); got != tt.want {
			t.Errorf("Host %s, Origin %q: allowed %v, want %v", tt.host, tt.origin, got, tt.want)
		}
	}
}

// FuzzForwarded checks that for all headers the client is an address and the base needs no
// escaping in HTML.
func FuzzForwarded(f *testing.F) {
	f.Add("192.0.2.1, x", "noc.example", "/a", `for="[::1]:1";host="a\"b"`)
	f.Fuzz(func(t *testing.T, from, host, prefix, all string) {
		for _, headers := range [][]string{{"X-Forwarded-For", from, "X-Forwarded-Host", host, "X-Forwarded-Prefix", prefix}, {"Forwarded", all}} {
			r, _ := pass(front(t, Access{TrustedProxies: []string{"0.0.0.0/0", "::/0"}}), "10.0.0.1:1", "localhost", "/x", headers...)
			if r == nil {
				return // redirected: the path equals the prefix
			}
			got := RequestOf(r.Context())
			if !peerIP(got.Client).IsValid() || strings.ContainsAny(got.Base, "\"<>&'\\ ") || strings.HasPrefix(got.Base, "//") || strings.Contains(got.Base, "..") {
				t.Errorf("%q: client %q, base %q", headers, got.Client, got.Base)
			}
		}
	})
}
