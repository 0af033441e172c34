package models

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMACText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := MAC(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "mac"))
		for _, s := range []string{m.String(), strings.ToUpper(m.String())} {
			if got, ok := ParseMAC(s); !ok || got != m {
				t.Fatalf("%s: %v, %v", s, got, ok)
			}
		}
	})
	for _, bad := range []string{"", "02:00:5e:10:00", "02:00:5e:10:00:0", "02:00:5e:10:00:0g", "02-00-5e-10-00-01", "02:00:5e:10:00:01:", "0200:5e:10:00:012"} {
		if m, ok := ParseMAC([]byte(bad)); ok || !m.IsZero() {
			t.Errorf("%q: %v, %v", bad, m, ok)
		}
	}
}

// TestProtocolsOfTheLinkLayer: no link-layer protocol has the number of an IP protocol, and
// every protocol has a name that leads back to it.
func TestProtocolsOfTheLinkLayer(t *testing.T) {
	names := map[string]bool{}
	for p := range Protos {
		s := Proto(p).String()
		got, ok := ParseProto(strings.ToLower(s))
		if !ok || got != Proto(p) || names[s] {
			t.Errorf("%d: name %q, parsed %d, %v", p, s, got, ok)
		}
		names[s] = true
		if Proto(p).IsLink() != (p > 255) {
			t.Errorf("%s: IsLink is %v", s, Proto(p).IsLink())
		}
	}
	if s := Proto(Protos).String(); s != "unknown" {
		t.Errorf("a number without a protocol is %q", s)
	}
}
