package tuple

import (
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestIDsOfATimeAreNeighbors: connections that begin within one step share only the upper
// bits of their ids, and ids of a later step sort after them, also as text.
func TestIDsOfATimeAreNeighbors(t *testing.T) {
	const begin = int64(1_000) << idStepBits
	id := func(port uint16, ts int64) models.ConnID {
		k, _ := MakeKey(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), port, 443, models.ProtoTCP, false)
		return ConnID(&k, models.TunnelPath(0), ts)
	}
	seen := map[models.ConnID]bool{}
	low, high := id(1, begin), id(1, begin)
	for port := range uint16(10_000) {
		c := id(port, begin+int64(port))
		if seen[c] {
			t.Fatalf("two connections have the id %v", c)
		}
		seen[c] = true
		low, high = min(low, c), max(high, c)
	}
	if low>>idHashBits != high>>idHashBits {
		t.Errorf("ids of one step are from %v to %v", low, high)
	}
	if high-low < 1<<(idHashBits-1) {
		t.Errorf("ids of one step fill only %d of 2^%d values", high-low, idHashBits)
	}
	if later := id(1, begin+1<<idStepBits); later <= high || later.String() <= high.String() {
		t.Errorf("%v of a later step does not sort after %v", later, high)
	}
	if again := id(7, begin+7); !seen[again] {
		t.Errorf("%v: the same connection has another id", again)
	}
}
