package order

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// sideBySide merges the logs of two producers that write at the same time, alternating after
// each tick.
func sideBySide(a, b logs) logs {
	out := make(logs, len(a))
	for p := range a {
		for x, y := a[p], b[p]; len(x) > 0 || len(y) > 0; x, y = y, x {
			end := min(slices.IndexFunc(x, func(e entry) bool { return e.tick })+1, len(x))
			out[p], x = append(out[p], x[:end]...), x[end:]
		}
	}
	return out
}

// TestStalledPartition reads one partition long after the others, as with an unreachable
// broker, for one producer and for two: the result is the same and nothing is forced. The
// order is saved and restored in between.
func TestStalledPartition(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	one, two := make(logs, 3), make(logs, 3)
	one.write(rnd, 1, 8000, 10)
	two.write(rnd, 2, 8000, 10)
	for name, l := range map[string]logs{"one producer": one, "two": sideBySide(one, two)} {
		want, _ := run(t, l, rnd)
		for late := range l {
			var got []models.Timestamp
			yield := func(m *models.PacketMeta) { got = append(got, m.TS) }
			o := New(0, 1, int32(len(l)), yield)
			for p := range l {
				if p != late {
					for _, e := range l[p] {
						e.into(o, p)
					}
				}
			}
			if len(o.due) <= maxDue && late != 0 {
				t.Fatalf("only %d ticks wait, too few for this test", len(o.due))
			}
			again := New(0, 1, int32(len(l)), yield)
			if _, err := again.Restore(o.AppendState(nil), StateVersion); err != nil {
				t.Fatal(err)
			}
			for _, e := range l[late] {
				e.into(again, late)
			}
			if !slices.Equal(got, want) || again.Counts().Forced != 0 || again.Held() != 0 {
				t.Errorf("%s, partition %d late: order differs, %+v", name, late, again.Counts())
			}
		}
	}
}
