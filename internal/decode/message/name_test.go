package message

import (
	"bytes"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// dnsHead is a header with flags and counts of questions and answers.
func dnsHead(flags uint16, questions, answers byte) []byte {
	return []byte{9, 9, byte(flags >> 8), byte(flags), 0, questions, 0, answers, 0, 0, 0, 0}
}

// labels writes a name.
func labels(name string) (b []byte) {
	for l := range strings.SplitSeq(name, ".") {
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0)
}

func TestDNS(t *testing.T) {
	long := strings.Repeat(strings.Repeat("x", 63)+".", 3) + strings.Repeat("y", 61)
	query := func(name string) []byte { return cat(dnsHead(0x0100, 1, 0), labels(name), []byte{0, 28, 0, 1}) }
	loop := cat(dnsHead(0x0100, 1, 0), []byte{0xc0, 12, 0, 1, 0, 1})
	mdns := cat(dnsHead(0x8400, 0, 1), labels("printer.local"), []byte{0, 33, 0x80, 1})
	q := func(typ uint16) models.NameFacts { return models.NameFacts{Kind: models.NameDNSQuery, Type: typ} }
	for _, c := range []struct {
		label string
		b     []byte
		name  string
		facts models.NameFacts
		ok    bool
	}{
		{"query", query("WWW.example.com"), "WWW.example.com", q(28), true},
		{"answer", cat(dnsHead(0x8183, 1, 2), labels("no.example"), []byte{0, 1, 0, 1}), "no.example",
			models.NameFacts{Kind: models.NameDNSAnswer, Type: 1, Code: 3, Answers: 2}, true},
		{"mDNS answer", mdns, "printer.local", models.NameFacts{Kind: models.NameDNSAnswer, Type: 33, Answers: 1}, true},
		{"root", cat(dnsHead(0, 1, 0), []byte{0, 0, 2, 0, 1}), "", q(2), true},
		{"longest name", query(long), long, q(28), true},
		{"name that is too long", query(long + "y"), "", models.NameFacts{}, false},
		{"no type", cat(dnsHead(0, 1, 0), labels("a.b")), "a.b", q(0), true},
		{"cut within the name", query("www.example.com")[:20], "", models.NameFacts{}, false},
		{"a pointer to itself", loop, "", models.NameFacts{}, false},
		{"a label that points back", cat(dnsHead(0, 1, 0), []byte{1, 'a', 0xc0, 12}), "", models.NameFacts{}, false},
		{"a label of 64 bytes", cat(dnsHead(0, 1, 0), []byte{64}, make([]byte, 80)), "", models.NameFacts{}, false},
		{"neither question nor answer", cat(dnsHead(0, 0, 0), labels("a.b")), "", models.NameFacts{}, false},
		{"many questions", cat(dnsHead(0, 99, 0), labels("a.b")), "", models.NameFacts{}, false},
		{"unknown opcode", cat(dnsHead(0x7800, 1, 0), labels("a.b")), "", models.NameFacts{}, false},
		{"header only", dnsHead(0, 1, 0), "", models.NameFacts{}, false},
		{"empty", nil, "", models.NameFacts{}, false},
	} {
		var f models.NameFacts
		var buf NameBuffer
		name, ok := ReadDNS(c.b, &f, &buf)
		if string(name) != c.name || ok != c.ok || f != c.facts {
			t.Errorf("%s: %q, %v, %+v; want %q, %v, %+v", c.label, name, ok, f, c.name, c.ok, c.facts)
		}
	}
	stream := func(b []byte) []byte { return cat([]byte{0, byte(len(b))}, b) }
	chaos := query("version.bind")
	chaos[len(chaos)-1] = 3
	other := query("version.bind")
	other[len(other)-1] = 9
	for _, c := range []struct {
		label string
		b     []byte
		ok    bool
	}{
		{"query", stream(query("example.com")), true},
		{"first part of a longer message", cat([]byte{20, 0}, query("example.com")), true},
		{"class CHAOS", stream(chaos), true},
		{"unknown class", stream(other), false},
		{"length that is too short", cat([]byte{0, 11}, query("example.com")), false},
		{"length that ends in the name", cat([]byte{0, 16}, query("example.com")), false},
		{"two questions", stream(cat(dnsHead(0, 2, 0), labels("a.b"), []byte{0, 1, 0, 1})), false},
		{"short", []byte{0, 12, 0}, false},
	} {
		var f models.NameFacts
		var buf NameBuffer
		if name, ok := ReadDNSStream(c.b, &f, &buf); ok != c.ok || !ok && (f != models.NameFacts{} || name != nil) {
			t.Errorf("stream, %s: %q, %v, %+v", c.label, name, ok, f)
		}
	}
}

func TestHTTP(t *testing.T) {
	for _, c := range []struct {
		label, b, host string
		status         uint16
		ok             bool
	}{
		{"request", "GET /x HTTP/1.1\r\nAccept: */*\r\nHost: www.example.com\r\n\r\n", "www.example.com", 0, true},
		{"port, case, no space", "POST / HTTP/1.1\r\nhOST:example.com:8080\r\n\r\n", "example.com", 0, true},
		{"IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "::1", 0, true},
		{"line feeds only", "GET / HTTP/1.0\nHost: a.example\n\n", "a.example", 0, true},
		{"without host", "GET / HTTP/1.0\r\n\r\nHost: body", "", 0, true},
		{"header in another segment", "GET / HTTP/1.1\r\nAccept: */*\r\nHost: www.exam", "", 0, true},
		{"response", "HTTP/1.1 404 Not Found\r\nHost: no\r\n\r\n", "", 404, true},
		{"status is no number", "HTTP/1.1 4x4 Not Found\r\n", "", 0, false},
		{"another version", "HTTP/2.0 200 OK\r\n", "", 0, false},
		{"SIP", "OPTIONS sip:a@example.com SIP/2.0\r\nHost: a\r\n", "", 0, false},
		{"text", "GET lost, all of you\r\nHost: a\r\n\r\n", "", 0, false},
		{"request line without end", "GET /aaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1", "", 0, false},
		{"short", "GET / HTTP/1.", "", 0, false},
	} {
		var f models.NameFacts
		host, ok := ReadHTTP([]byte(c.b), &f)
		want := models.NameFacts{Type: c.status}
		if c.ok {
			want.Kind = models.NameHTTP
		}
		if string(host) != c.host || ok != c.ok || f != want {
			t.Errorf("%s: %q, %v, %+v", c.label, host, ok, f)
		}
	}
}

// FuzzNames: no input makes a parser panic or take more than it has, a name is never longer
// than a name can be, and what is not a message changes nothing.
func FuzzNames(f *testing.F) {
	f.Add(cat(dnsHead(0x0100, 1, 0), labels("www.example.com"), []byte{0, 28, 0, 1}))
	f.Add(cat(dnsHead(0x0100, 1, 0), []byte{1, 'a', 0xc0, 12, 0, 1, 0, 1}))
	f.Add(cat([]byte{0, 33}, dnsHead(0x8180, 1, 1), labels("www.example.com"), []byte{0, 1, 0, 1}))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: [www.example.com\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var buf NameBuffer
		for i, read := range []func(*models.NameFacts) ([]byte, bool){
			func(f *models.NameFacts) ([]byte, bool) { return ReadDNS(b, f, &buf) },
			func(f *models.NameFacts) ([]byte, bool) { return ReadDNSStream(b, f, &buf) },
			func(f *models.NameFacts) ([]byte, bool) { return ReadHTTP(b, f) },
		} {
			var facts models.NameFacts
			name, ok := read(&facts)
			if i < 2 && len(name) > maxName {
				t.Errorf("%d: a name of %d bytes", i, len(name))
			}
			if ok != (facts.Kind != models.NameNone) || !ok && (facts != models.NameFacts{} || len(name) > 0) {
				t.Errorf("%d: %q, %v, %+v", i, name, ok, facts)
			}
			if i == 2 && bytes.ContainsRune(name, '\n') {
				t.Errorf("host %q", name)
			}
		}
	})
}
