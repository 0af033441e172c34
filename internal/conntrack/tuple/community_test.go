package tuple

import (
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestCommunityID has values of the specification's test vectors.
func TestCommunityID(t *testing.T) {
	for _, c := range []struct {
		src, dst     string
		sport, dport uint16
		proto        models.Proto
		want         string
	}{
		{"128.232.110.120", "66.35.250.204", 34855, 80, models.ProtoTCP, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"66.35.250.204", "128.232.110.120", 80, 34855, models.ProtoTCP, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"10.0.0.1", "10.0.0.2", 10, 20, models.ProtoTCP, "1:9j2Dzwrw7T9E+IZi4b4IVT66HBI="},
	} {
		k, _ := MakeKey(netip.MustParseAddr(c.src), netip.MustParseAddr(c.dst), c.sport, c.dport, c.proto, false)
		if got := k.Community(); got != c.want {
			t.Errorf("%s to %s: got %s, want %s", c.src, c.dst, got, c.want)
		}
	}
}
