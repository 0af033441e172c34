package service

import (
	"strings"
	"testing"
)

// TestAmbiguousGreetings: the command after an ambiguous greeting determines the protocol,
// and commands of the other protocols with the same greeting do not.
func TestAmbiguousGreetings(t *testing.T) {
	for _, c := range []struct {
		lines string // < responder, > originator, separated by |
		port  uint16
		want  ID
	}{
		{"<220 ready|>EHLO a", 4000, SMTP},
		{"<220 ready|>helo a", 4000, SMTP},
		{"<220 ready|>LHLO a", 4000, SMTP},
		{"<220 ready|>USER a", 4000, FTP},
		{"<220 ready|>AUTH TLS", 4000, FTP},
		{"<220 ready|>feat", 4000, FTP},
		{"<220 ready|>SYST", 4000, FTP},
		{"<220 ready|>OPTS UTF8 ON", 4000, FTP},
		{"<220 ready|>CAPA", 4000, None},
		{"<220 ready|>HELP", 4000, None},
		{"<220-welcome|<220 ready|>USER a", 4000, FTP},
		{"<220 ready|>NOOP|>NOOP|>USER a", 4000, FTP},
		{"<220 ready|<USER a", 4000, None},
		{"<220 welcome\nthis is SMTP", 4000, None},
		{"<+OK|>CAPA", 4000, POP3},
		{"<+OK|>STLS", 4000, POP3},
		{"<+OK|>APOP a b", 4000, POP3},
		{"<+OK|>quit", 4000, POP3},
		{"<+OK|>FEAT", 4000, None},
		{"<* OK|>a CAPABILITY", 4000, IMAP},
		{"<* OK|<a", 4000, None},
		{">APOP a b", 4000, POP3},
		{">USER a", 110, POP3},
		{">USER a", 21, FTP},
		{">USER a", 2811, FTP},
		{">USER a", 4000, None},
		{">USER a 0 * :A", 4000, IRC},
		{">AUTH PLAIN", 4000, None},
		{">QUIT", 21, None},
	} {
		var s State
		for _, line := range strings.Split(c.lines, "|") {
			s.Look(&Payload{FromOrig: line[0] == '>', OrigPort: 50000, RespPort: c.port, Data: []byte(line[1:] + "\r\n")})
		}
		if s.ID != c.want {
			t.Errorf("%s on port %d: detected %q, want %q", c.lines, c.port, s.ID, c.want)
		}
	}
}

// TestHintOfTheLastGreetingCounts: a second greeting replaces the hint of the first.
func TestHintOfTheLastGreetingCounts(t *testing.T) {
	greetings := map[string]uint8{"220 a\r\n": hint220, "+OK a\r\n": hintPOP3, "* OK a\r\n": hintIMAP}
	for first := range greetings {
		for second, hint := range greetings {
			var s State
			s.Look(&Payload{Data: []byte(first)})
			s.Look(&Payload{Data: []byte(second)})
			if s.hint() != hint || s.seen&15 != 2 {
				t.Errorf("%q, %q: hint %d after %d payloads, want %d after 2", first, second, s.hint(), s.seen&15, hint)
			}
		}
	}
}

// TestMySQLNeedsTheAnswer: a greeting without the name of the server is confirmed by a
// packet of the client with the next sequence number.
func TestMySQLNeedsTheAnswer(t *testing.T) {
	greeting := "\x0a\x00\x00\x00\x0a8.0.36\x00xx"
	for _, c := range []struct {
		name, answer string
		fromOrig     bool
		want         ID
	}{
		{"login", "\x03\x00\x00\x01abc", true, MySQL},
		{"login in several segments", "\x40\x00\x00\x01abc", true, None},
		{"sequence 2", "\x03\x00\x00\x02abc", true, None},
		{"from the server", "\x03\x00\x00\x01abc", false, None},
	} {
		var s State
		s.Look(&Payload{OrigPort: 50000, RespPort: 4000, Data: []byte(greeting)})
		if s.ID != None {
			t.Fatalf("detected %q by the greeting alone", s.ID)
		}
		s.Look(&Payload{FromOrig: c.fromOrig, OrigPort: 50000, RespPort: 4000, Data: []byte(c.answer)})
		if s.ID != c.want {
			t.Errorf("%s: detected %q, want %q", c.name, s.ID, c.want)
		}
	}
}

// TestEmptyPayloadsDoNotCount: acknowledgements do not use up the payloads that are examined.
func TestEmptyPayloadsDoNotCount(t *testing.T) {
	var s State
	for range 10 * maxLooks {
		s.Look(&Payload{FromOrig: true})
	}
	for i := range maxLooks - 1 {
		if s.Look(&Payload{FromOrig: true, Data: []byte("?")}) || s.Done() {
			t.Fatalf("done after %d payloads", i+1)
		}
	}
	if !s.Look(&Payload{FromOrig: true, Data: []byte("GET / HTTP/1.0\r\n\r\n")}) || s.ID != HTTP {
		t.Errorf("payload %d: detected %q, want http", maxLooks, s.ID)
	}
}

// TestHTTPRequestLine has request lines of all forms, complete and truncated.
func TestHTTPRequestLine(t *testing.T) {
	for line, want := range map[string]bool{
		"GET / HTTP/1.0\r\n":                    true,
		"GET / HTTP/1.1\n":                      true,
		"GET /\r\n":                             true, // HTTP/0.9
		"GET http://a.example/ HTTP/1.1\r\n":    true,
		"CONNECT a.example:443 HTTP/1.1\r\n":    true,
		"POST /a?b=c%20d HTTP/1.1\r\n":          true,
		"PROPFIND /dav HTTP/1.1\r\n":            true,
		"M-SEARCH * HTTP/1.1\r\n":               true,
		"OPTIONS *":                             true,
		"GET http":                              true,
		"GET /" + strings.Repeat("a", 2000):     true,
		"GET ":                                  false,
		"GET":                                   false,
		"GET\t/ HTTP/1.1\r\n":                   false,
		"GET the report\r\n":                    false,
		"PUT it there":                          false,
		"GET /\x00\x01\x02":                     false,
		"BREW /pot HTTP/1.1\r\n":                false,
		"DELETE a.example HTTP\r\n":             false,
		" GET / HTTP/1.1\r\n":                   false,
		"CONNECT a.example:443\r\nHTTP/1.1\r\n": false,
	} {
		if got := httpRequest([]byte(line)); got != want {
			t.Errorf("%.40q: %v, want %v", line, got, want)
		}
	}
}

// TestDNSName has the forms of RFC 1035 section 4.1.4 and their limits.
func TestDNSName(t *testing.T) {
	label63 := "\x3f" + strings.Repeat("a", 63)
	for _, c := range []struct {
		name, data string
		n          int
		ok         bool
	}{
		{"root", "\x00", 1, true},
		{"one label", "\x01a\x00rest", 3, true},
		{"pointer", "\xc0\x0c", 2, true},
		{"label and pointer", "\x01a\xc0\x0c", 4, true},
		{"largest label", label63 + "\x00", 65, true},
		{"pointer without its second byte", "\xc0", 2, false},
		{"empty", "", 0, false},
		{"no end", "\x01a", 0, false},
		{"label beyond the data", "\x05abc", 0, false},
		{"reserved label type", "\x40a\x00", 0, false},
		{"extended label type", "\x80a\x00", 0, false},
		{"longer than a name may be", strings.Repeat(label63, 5) + "\x00", 0, false},
	} {
		n, ok := dnsName([]byte(c.data))
		if ok != c.ok || ok && n != c.n {
			t.Errorf("%s: %d %v, want %d %v", c.name, n, ok, c.n, c.ok)
		}
	}
}

// TestNTPLengthOfMode: the modes of a client or server need the full header, control
// messages their own, private messages none.
func TestNTPLengthOfMode(t *testing.T) {
	for mode, least := range map[byte]int{1: 48, 2: 48, 3: 48, 4: 48, 5: 48, 6: 12, 7: 8} {
		for _, version := range []byte{1, 2, 3, 4} {
			b := make([]byte, 48)
			b[0] = version<<3 | mode
			for n := range b {
				p := Payload{UDP: true, FromOrig: true, OrigPort: 123, RespPort: 123, Data: b[:n+1]}
				if got := ntp(p.Data, &p); got != (n+1 >= least) {
					t.Fatalf("version %d, mode %d, %d bytes: %v", version, mode, n+1, got)
				}
			}
		}
	}
}
