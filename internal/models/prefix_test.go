package models

import (
	"net/netip"
	"testing"
)

func TestUnmapPrefix(t *testing.T) {
	for text, want := range map[string]string{
		"10.1.2.3/8": "10.0.0.0/8", "0.0.0.0/0": "0.0.0.0/0", "2001:db8::1/32": "2001:db8::/32", "::/0": "::/0",
		"::ffff:10.1.2.3/104": "10.0.0.0/8", "::ffff:10.1.2.3/128": "10.1.2.3/32", "::ffff:10.1.2.3/96": "0.0.0.0/0",
		"::ffff:10.1.2.3/95": "::fffe:0:0/95", "::ffff:10.1.2.3/0": "::/0",
	} {
		if got := UnmapPrefix(netip.MustParsePrefix(text)); got != netip.MustParsePrefix(want) {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
	if UnmapPrefix(netip.Prefix{}).IsValid() {
		t.Error("the zero prefix became valid")
	}
}
