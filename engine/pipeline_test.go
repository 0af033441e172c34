package engine

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// run feeds packets from index from on and returns the newest record of each alert.
func run(p *Pipeline, list []models.PacketMeta, from int) []float64 {
	scores := make([]float64, 0, len(list))
	for i := range list {
		s, _ := p.Packet(&list[i])
		scores = append(scores, s)
	}
	return scores
}

func pipeline(t testing.TB, into map[string]models.Alert) *Pipeline {
	t.Helper()
	p, err := NewPipeline(DefaultConfig(), 0, func(a *models.Alert) { into[a.ID] = *a })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestScanAlertsOnce(t *testing.T) {
	alerts := map[string]models.Alert{}
	p := pipeline(t, alerts)
	run(p, scanned(1), 0)
	p.Flush()
	if len(alerts) != 1 {
		t.Fatalf("%d alerts, want 1: %+v", len(alerts), alerts)
	}
	for _, a := range alerts {
		if a.SrcIP != "10.0.0.66" || a.DstIP != "10.0.0.10" || a.Kind != vocabulary.KindPortScan || a.Technique != "T1046" || a.Scale != "host" {
			t.Errorf("alert %+v, want a port scan by 10.0.0.66 of 10.0.0.10", a)
		}
		if begin := models.Timestamp(1.7e18 + 300e9); a.TS < begin || a.TS > begin+2e9 || a.LastTS < begin+5e9 {
			t.Errorf("from %v to %v, want from within 2 s of %v to its end 6 s later", a.TS, a.LastTS, begin)
		}
		if a.Count < 500 || a.Score < .8 || a.Score > 1 || a.Threshold != .8 {
			t.Errorf("count %d score %v threshold %v", a.Count, a.Score, a.Threshold)
		}
		sum := 0.0
		for _, r := range a.Reasons {
			sum += r.Share
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("shares add up to %v: %+v", sum, a.Reasons)
		}
		for _, f := range []string{"entropy", "packet_rate", "byte_rate"} {
			if _, ok := a.Features[f]; !ok {
				t.Errorf("feature %s is missing: %v", f, a.Features)
			}
		}
	}
}

func TestOfficeIsQuiet(t *testing.T) {
	tr := newTraffic(3)
	tr.office(0, 1200, 12)
	alerts := map[string]models.Alert{}
	run(pipeline(t, alerts), tr.sorted(), 0)
	if len(alerts) > 1 {
		t.Errorf("%d alerts in 20 minutes of office traffic", len(alerts))
		for _, a := range alerts {
			t.Log(a.Count, a.Score, a.Scale, a.Summary)
		}
	}
}

func TestWarmup(t *testing.T) {
	p := pipeline(t, map[string]models.Alert{})
	for i, m := range scanned(1)[:200] {
		_, scored := p.Packet(&m)
		if scored != (i >= 50) {
			t.Fatalf("packet %d: scored %v", i, scored)
		}
		if st := p.Status(); st.Warm != (i >= 49) || int(st.WarmAfter) != max(49-i, 0) || st.Packets != uint64(i+1) {
			t.Fatalf("after packet %d: %+v", i, st)
		}
	}
}

// TestRestoreContinues restores a snapshot at any place; the results after it are the same.
func TestRestoreContinues(t *testing.T) {
	list := scanned(2)
	whole := map[string]models.Alert{}
	p := pipeline(t, whole)
	want := run(p, list, 0)
	p.Flush()
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 6 {
		cut := rnd.IntN(len(list))
		alerts := map[string]models.Alert{}
		first := pipeline(t, alerts)
		run(first, list[:cut], 0)
		first.Announce()
		second := pipeline(t, alerts)
		if err := second.Restore(first.AppendState(nil)); err != nil {
			t.Fatal(err)
		}
		got := run(second, list[cut:], cut)
		second.Flush()
		if d := cmp.Diff(want[cut:], got); d != "" {
			t.Fatalf("scores after a cut at %d:\n%s", cut, d)
		}
		if d := cmp.Diff(whole, alerts); d != "" {
			t.Fatalf("alerts after a cut at %d:\n%s", cut, d)
		}
		if a, b := p.Status(), second.Status(); a != b {
			t.Fatalf("status %+v, want %+v", b, a)
		}
	}
}

func TestRestoreRefusesDamage(t *testing.T) {
	list := scanned(2)
	p := pipeline(t, map[string]models.Alert{})
	run(p, list[:len(list)/2+3000], 0)
	good := p.AppendState(nil)
	rnd := rand.New(rand.NewPCG(1, 1))
	other := pipeline(t, map[string]models.Alert{})
	for range 10 {
		bad := append([]byte(nil), good[:rnd.IntN(len(good))]...)
		if err := other.Restore(bad); err == nil {
			t.Fatalf("Restore accepted a snapshot cut at %d of %d", len(bad), len(good))
		}
	}
	for range 10 { // may be taken or refused, but never breaks
		bad := append([]byte(nil), good...)
		bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
		_ = other.Restore(bad)
		run(other, list[:50], 0)
	}
	if st := other.Status(); other.Restore(nil) == nil || st.Scored > p.Status().Scored+50 {
		t.Errorf("after a corrupted snapshot: %+v", st)
	}
}

// TestAbsurdInput feeds implausible timestamps and fields.
func TestAbsurdInput(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	p := pipeline(t, map[string]models.Alert{})
	stamps := []models.Timestamp{0, -1, math.MaxInt64, math.MinInt64, 1.7e18, 1.7e18 + 1, 1.9e18}
	for i := range 20000 {
		m := models.PacketMeta{TS: stamps[rnd.IntN(len(stamps))], Proto: models.Proto(rnd.IntN(256)), Flags: models.TCPFlags(rnd.IntN(256)),
			SrcPort: uint16(rnd.IntN(1 << 16)), DstPort: uint16(rnd.IntN(1 << 16)), Dir: models.Direction(rnd.IntN(3)),
			PayloadLen: rnd.Uint32(), WireLen: rnd.Uint32(), IPLen: rnd.Uint32(), Entropy: uint16(rnd.IntN(1 << 16))}
		if rnd.IntN(4) > 0 {
			m.Src, m.Dst = addr(1, 2, 3, byte(rnd.IntN(9))), addr(1, 2, 4, byte(rnd.IntN(9)))
		} else if rnd.IntN(2) == 0 {
			m.Src = netip.IPv6LinkLocalAllNodes().WithZone("x")
		}
		if s, _ := p.Packet(&m); !(s >= 0 && s <= 1) {
			t.Fatalf("packet %d scores %v", i, s)
		}
	}
	if err := pipeline(t, nil).Restore(p.AppendState(nil)); err != nil {
		t.Error(err)
	}
}

func TestPacketDoesNotAllocate(t *testing.T) {
	tr := newTraffic(4)
	tr.office(0, 300, 8)
	list := tr.sorted()
	p := pipeline(t, map[string]models.Alert{})
	run(p, list[:500], 0)
	i := 500
	if n := testing.AllocsPerRun(len(list)-600, func() { p.Packet(&list[i]); i++ }); n != 0 {
		t.Errorf("%v allocations per packet, want 0", n)
	}
}

func BenchmarkPacket(b *testing.B) {
	tr := newTraffic(4)
	tr.office(0, 600, 30)
	list := tr.sorted()
	p := pipeline(b, map[string]models.Alert{})
	b.ReportAllocs()
	i, round := 0, models.Timestamp(0)
	for b.Loop() {
		if i == len(list) {
			i, round = 0, round+700e9
		}
		m := list[i]
		m.TS += round
		p.Packet(&m)
		i++
	}
}
