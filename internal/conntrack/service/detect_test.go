package service

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// byTheCaller are protocols that the caller detects by other means than the payload.
var byTheCaller = []ID{Teredo, VXLAN, Geneve, GTP, AYIYA}

// TestEveryServiceHasASample fails if a protocol is added without a payload in samples.
func TestEveryServiceHasASample(t *testing.T) {
	covered := map[ID]bool{}
	for i := range samples {
		s := &samples[i]
		covered[s.want] = true
		if got := detect(s.payload([]byte(s.data))); got != s.want {
			t.Errorf("%s: detected %q, want %q", s.name, got, s.want)
		}
	}
	for id := HTTP; id < count; id++ {
		if covered[id] == slices.Contains(byTheCaller, id) {
			t.Errorf("service %s: has a sample: %v", id, covered[id])
		}
	}
}

// TestTruncatedSampleIsNotAnotherService: a capture may cut a payload at any byte. A prefix
// is the same protocol or none, and reading it does not go past its end.
func TestTruncatedSampleIsNotAnotherService(t *testing.T) {
	for i := range samples {
		s := &samples[i]
		for n := range len(s.data) {
			prefix := append(make([]byte, 0, n), s.data[:n]...)
			if got := detect(s.payload(prefix)); got != s.want && got != None {
				t.Errorf("%s cut to %d bytes: detected %q", s.name, n, got)
			}
		}
	}
}

// TestFollowingBytesDoNotChangeTheService: a segment may end after the first message. The
// protocols listed state the exact length of their message.
func TestFollowingBytesDoNotChangeTheService(t *testing.T) {
	exact := []ID{MySQL, PostgreSQL, SOCKS, STUN, RADIUS}
	for i := range samples {
		s := &samples[i]
		got := detect(s.payload([]byte(s.data + "\x00\x00\x00\x00")))
		if got != s.want && !(got == None && slices.Contains(exact, s.want)) {
			t.Errorf("%s with 4 more bytes: detected %q", s.name, got)
		}
	}
}

// TestRepeatedPayloadIsIgnored: after detection neither the service nor the count changes.
func TestRepeatedPayloadIsIgnored(t *testing.T) {
	for i := range samples {
		s := &samples[i]
		var st State
		p := s.payload([]byte(s.data))
		if !st.Look(p) {
			t.Errorf("%s: not detected", s.name)
			continue
		}
		before := st
		for j := range samples {
			if st.Look(samples[j].payload([]byte(samples[j].data))) {
				t.Fatalf("%s: detected again, by %s", s.name, samples[j].name)
			}
		}
		if st != before {
			t.Errorf("%s: state changed from %+v to %+v", s.name, before, st)
		}
	}
}

// TestNeedsDirection: messages that only a client sends do not identify a protocol if the
// responder sends them, nor the greeting of a server if the originator does.
func TestNeedsDirection(t *testing.T) {
	needs := map[string]bool{"http get": true, "http options": true, "redis": true, "irc": true, "mqtt": true,
		"mqtt with a long length": true, "mysql": true, "postgresql": true, "postgresql cancel": true, "socks 4": true, "socks 5": true,
		"ssdp": true}
	for i := range samples {
		s := samples[i]
		s.resp = !s.resp
		want := s.want
		if needs[s.name] {
			want = None
		}
		if got := detect(s.payload([]byte(s.data))); got != want {
			t.Errorf("%s in the other direction: detected %q, want %q", s.name, got, want)
		}
	}
}

// TestNeedsPort: where the payload is weak evidence, the port must match too.
func TestNeedsPort(t *testing.T) {
	needs := map[string]bool{"modbus": true, "dns stream": true, "socks 4": true, "ntp": true, "ntp control": true, "radius": true, "coap": true}
	for i := range samples {
		s := samples[i]
		s.port = 4001
		want := s.want
		if needs[s.name] {
			want = None
		}
		if got := detect(s.payload([]byte(s.data))); got != want {
			t.Errorf("%s on another port: detected %q, want %q", s.name, got, want)
		}
	}
}

// TestWrongTransport: a protocol of TCP is not detected in a datagram or the reverse, except
// those that use both.
func TestWrongTransport(t *testing.T) {
	both := map[string]ID{"ldap": LDAP, "ldap with long lengths": LDAP, "cldap": LDAP, "sip stream": SIP, "sip": SIP, "ssdp": HTTP}
	for i := range samples {
		s := samples[i]
		s.udp = !s.udp
		if got, want := detect(s.payload([]byte(s.data))), both[s.name]; got != want {
			t.Errorf("%s over the other transport: detected %q, want %q", s.name, got, want)
		}
	}
}

// TestChangedFieldIsRejected changes one field of a sample to a value that the protocol does
// not allow.
func TestChangedFieldIsRejected(t *testing.T) {
	for _, c := range []struct {
		name, why string
		at        int
		value     byte
	}{
		{"http get", "lower-case method", 0, 'g'},
		{"http get", "control character in the target", 6, 1},
		{"http status", "version 2 in the status line", 5, '2'},
		{"tls client", "application data", 0, 23},
		{"tls client", "major version 2", 1, 2},
		{"tls client", "minor version 5", 2, 5},
		{"tls client", "certificate first", 5, 11},
		{"ssl 2 client", "server hello", 2, 4},
		{"ssl 2 client", "length below the lists", 1, 9},
		{"vnc", "no line end", 11, ' '},
		{"smb 2", "not the direct transport", 0, 0x85},
		{"smb 2", "unknown dialect", 4, 0xfa},
		{"rdp", "TPKT version 2", 0, 2},
		{"rdp", "length that differs from X.224", 3, 0x14},
		{"rdp", "data instead of a request", 5, 0xf0},
		{"rdp", "negotiation of another length", 13, 9},
		{"dnp3", "start byte", 1, 0x65},
		{"dnp3", "changed address", 4, 2},
		{"mqtt", "PUBLISH", 0, 0x30},
		{"mqtt", "name of the protocol", 4, 'X'},
		{"ldap", "no message id", 2, 4},
		{"ldap", "version 4", 9, 4},
		{"ldap", "unknown operation", 5, 0x7f},
		{"kerberos stream", "length of 2 GB", 0, 0x80},
		{"kerberos stream", "version 4", 12, 4},
		{"mysql", "sequence 1", 3, 1},
		{"mysql", "protocol 9", 4, 9},
		{"mysql", "length", 0, 0x0e},
		{"postgresql", "version 2", 5, 2},
		{"postgresql", "length", 3, 0x11},
		{"postgresql", "no final zero", 15, 1},
		{"postgresql cancel", "unknown code", 7, 0x2d},
		{"modbus", "protocol 1", 3, 1},
		{"modbus", "length beyond the segment", 5, 7},
		{"modbus", "function 0", 7, 0},
		{"dce/rpc little-endian", "version 4", 0, 4},
		{"dce/rpc little-endian", "minor version 2", 1, 2},
		{"dce/rpc little-endian", "unknown type", 2, 30},
		{"dce/rpc little-endian", "neither first nor last fragment", 3, 0},
		{"dce/rpc little-endian", "length below the header", 8, 15},
		{"dns stream", "no question and no answer", 7, 0},
		{"dns stream", "opcode 7", 4, 0x39},
		{"socks 5", "number of methods", 1, 3},
		{"socks 4", "unknown command", 1, 3},
		{"socks 4", "user without end", 8, 'u'},
		{"dns", "two questions on a foreign port", 5, 2},
		{"dns", "reserved bit", 3, 0x40},
		{"dns", "label of 64 bytes", 12, 64},
		{"dns", "class 2", 32, 2},
		{"quic initial", "fixed bit is clear", 0, 0x83},
		{"quic initial", "unknown version", 4, 2},
		{"quic initial", "connection id of 21 bytes", 5, 21},
		{"quic initial", "source id of 21 bytes", 14, 21},
		{"dhcp", "operation 3", 0, 3},
		{"dhcp", "hardware address of 17 bytes", 2, 17},
		{"dhcp", "cookie", 236, 0x64},
		{"stun", "top bits", 0, 0x40},
		{"stun", "length", 3, 12},
		{"stun", "cookie", 7, 0x43},
		{"dtls", "version 1.2 of TLS", 1, 3},
		{"dtls", "length beyond the datagram", 12, 0x11},
		{"dtls", "finished first", 13, 20},
		{"snmp 2c", "version 2", 4, 2},
		{"snmp 2c", "community is a number", 5, 2},
		{"snmp 2c", "operation 9", 13, 0xa9},
		{"snmp 3", "no header", 5, 4},
		{"kerberos", "unknown message", 0, 0x70},
		{"kerberos", "no sequence", 2, 0x31},
		{"ntp", "version 0", 0, 0x03},
		{"ntp", "version 5", 0, 0x2b},
		{"ntp", "mode 0", 0, 0x20},
		{"syslog", "no digit", 1, 'a'},
		{"syslog", "no end of the priority", 4, '5'},
		{"syslog", "control character", 5, 1},
		{"radius", "code 46", 0, 46},
		{"radius", "length", 3, 0x15},
		{"coap", "version 2", 0, 0x84},
		{"coap", "token of 9 bytes", 0, 0x49},
		{"ssdp", "response", 0, 'm'},
	} {
		i := slices.IndexFunc(samples, func(s sample) bool { return s.name == c.name })
		if i < 0 {
			t.Fatalf("no sample %q", c.name)
		}
		b := []byte(samples[i].data)
		if b[c.at] == c.value {
			t.Fatalf("%s, %s: byte %d has this value already", c.name, c.why, c.at)
		}
		b[c.at] = c.value
		if got := detect(samples[i].payload(b)); got != None {
			t.Errorf("%s, %s: detected %q", c.name, c.why, got)
		}
	}
}

// TestNoiseIsNotAService bounds the false detections in random bytes, which is how encrypted
// and proprietary protocols look.
func TestNoiseIsNotAService(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	const rounds = 200_000
	found := map[ID]int{}
	b := make([]byte, 256)
	for range rounds {
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		p := Payload{UDP: rng.IntN(2) == 0, FromOrig: rng.IntN(2) == 0, OrigPort: 50000, RespPort: 4000, Data: b[:1+rng.IntN(len(b))]}
		if id := detect(&p); id != None {
			found[id]++
		}
	}
	total := 0
	for _, n := range found {
		total += n
	}
	// The weakest tests compare about two bytes.
	if total > rounds/10_000 {
		t.Errorf("%d of %d random payloads were detected: %v", total, rounds, found)
	}
}

// TestProseIsNotAService: text without a protocol's keywords is detected as nothing.
func TestProseIsNotAService(t *testing.T) {
	words := strings.Fields("the office report of today has 220 pages and 3 errors ok get post put user nick ssh http sip")
	rng := rand.New(rand.NewPCG(11, 2))
	for range 20_000 {
		var line []string
		for range 1 + rng.IntN(12) {
			line = append(line, words[rng.IntN(len(words))])
		}
		text := strings.Join(line, " ") + "\r\n"
		for _, udp := range []bool{false, true} {
			p := Payload{UDP: udp, FromOrig: rng.IntN(2) == 0, OrigPort: 50000, RespPort: 4000, Data: []byte(text)}
			id := detect(&p)
			// "nick " begins a registration and "220 " a greeting; both are legitimate.
			if id != None && !strings.HasPrefix(text, "nick ") && !strings.HasPrefix(text, "user ") {
				t.Fatalf("%q over udp %v: detected %q", text, udp, id)
			}
		}
	}
}
