package order

import (
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestAheadWaits reads one partition long after the others, which pause where Ahead reports
// true: nothing is forced, nothing is lost, and the order is that of the capture.
func TestAheadWaits(t *testing.T) {
	const packets = MaxHeld + MaxHeld/4
	l := make(logs, 3)
	l.write(rand.New(rand.NewPCG(1, 1)), 7, packets, 4096)
	for late := range l {
		next, sorted := uint32(0), true
		o := New(0, 1, int32(len(l)), func(m *models.PacketMeta) { sorted = sorted && m.PayloadLen == next; next++ })
		at, most := make([]int, len(l)), 0
		read := func(p int) (moved bool) {
			for n := 0; n < 1024 && at[p] < len(l[p]) && !o.Ahead(int32(p)); n++ {
				l[p][at[p]].into(o, p)
				at[p]++
				most, moved = max(most, o.Held()), true
			}
			return moved
		}
		for moved := true; moved; { // as far as they may
			moved = false
			for p := range l {
				moved = p != late && read(p) || moved
			}
		}
		if most < MaxHeld/2 || most > MaxHeld {
			t.Fatalf("partition %d late: maximum of held packets is %d", late, most)
		}
		for moved := true; moved; {
			moved = false
			for p := range l {
				moved = read(p) || moved
			}
		}
		if next != packets || !sorted || o.Counts() != (Counts{}) {
			t.Errorf("partition %d late: %d packets, in order: %v, %+v", late, next, sorted, o.Counts())
		}
	}
}
