package features

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

func TestScalingInverts(t *testing.T) {
	for _, f := range All() {
		s := f.Scaling
		for x := 0.0; x <= 1; x += 1.0 / 64 {
			if got := s.Scale(s.Value(x)); math.Abs(got-x) > 1e-9 {
				t.Errorf("%s: Scale(Value(%v)): value %v, place %v", f.Name, x, s.Value(x), got)
			}
		}
		for _, v := range []float64{math.NaN(), -1, math.Inf(-1)} {
			if s.Scale(v) != 0 {
				t.Errorf("%s: %v is at %v", f.Name, v, s.Scale(v))
			}
		}
		if s.Scale(math.Inf(1)) != 1 || s.Scale(s.Max) != 1 || s.Scale(0) != 0 {
			t.Errorf("%s: ends at %v and %v", f.Name, s.Scale(0), s.Scale(s.Max))
		}
	}
}

func TestScalingRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := All()[rapid.IntRange(0, len(All())-1).Draw(t, "feature")].Scaling
		a, b := rapid.Float64Range(0, 1e12).Draw(t, "a"), rapid.Float64Range(0, 1e12).Draw(t, "b")
		if x, y := s.Scale(min(a, b)), s.Scale(max(a, b)); x > y || x < 0 || y > 1 {
			t.Fatalf("%v at %v, %v at %v", min(a, b), x, max(a, b), y)
		}
	})
}

func TestDecay(t *testing.T) {
	for _, dt := range []float64{0, 1e-6, .001, .5, 3.75, 15, 60, 240, 960, 5000, 1e9} {
		f := fadeFor(int64(dt * 1e9))
		for h, half := range halfLife {
			want := math.Exp2(-dt / half)
			if got := float64(f[h]); math.Abs(got-want) > 1e-5 {
				t.Errorf("after %v s, half-life %v s: %v, want %v", dt, half, got, want)
			}
		}
	}
	if f := fadeFor(-5); f != (fading{1, 1, 1}) {
		t.Errorf("negative time decays to %v", f)
	}
	// many small steps equal a large one
	a := amount{100, 100, 100}
	for range 60_000 {
		a.fade(fadeFor(1e6))
	}
	if math.Abs(float64(a[1])-50) > .1 {
		t.Errorf("60 s in steps of a millisecond leave %v of 100, want 50", a[1])
	}
}

func TestDistinct(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 10, 100, 500, 1000} {
		var d distinct
		d.turn(1e18, 60*second)
		for range n {
			h := rnd.Uint64()
			d.add(h)
			d.add(h)
		}
		if got := d.estimate(); math.Abs(got-float64(n)) > .25*float64(n)+.5 {
			t.Errorf("estimate of %d items is %v", n, got)
		}
		at := d.estimate()
		if d.turn(1e18+60*second, 60*second); d.estimate() != at {
			t.Error("previous period was discarded")
		}
		if d.turn(1e18+120*second, 60*second); n > 0 && d.estimate() >= max(at, 1) {
			t.Error("the period before the previous is still counted")
		}
	}
}

func TestSetsEvictOldest(t *testing.T) {
	s := newSets[int](ways)
	for k := range uint64(ways) {
		v, fresh := s.get(k + 1)
		if !fresh {
			t.Fatalf("key %d is not new", k)
		}
		*v = int(k)
	}
	s.get(1)
	if v, fresh := s.get(100); !fresh || *v != 0 {
		t.Errorf("a new key: %v %v", *v, fresh)
	}
	if v, fresh := s.get(1); fresh || *v != 0 {
		t.Error("the most recent key was replaced")
	}
	if _, fresh := s.get(2); !fresh {
		t.Error("the least recent key was not replaced")
	}
	if s.live != ways || s.evicted != 2 {
		t.Errorf("%d live, %d evicted", s.live, s.evicted)
	}
	s.clock = math.MaxUint32 - 1
	s.get(1)
	if v, fresh := s.get(1); fresh || v == nil {
		t.Error("key is lost after the clock wraps")
	}
}

var a1, b1 = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")

func TestOriginator(t *testing.T) {
	const syn, ack, rst = models.FlagSYN, models.FlagACK, models.FlagRST
	for _, c := range []struct {
		name   string
		m      models.PacketMeta
		sender bool
	}{
		{"SYN", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 80, DstPort: 50000, Flags: syn}, true},
		{"SYN+ACK", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 80, DstPort: 50000, Flags: syn | ack}, false},
		{"RST", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 80, DstPort: 50000, Flags: rst | ack}, false},
		{"null scan", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 50000, DstPort: 80}, true},
		{"data to a service", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 50000, DstPort: 443, Flags: ack}, true},
		{"data from a service", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 443, DstPort: 50000, Flags: ack}, false},
		{"between high ports", models.PacketMeta{Proto: models.ProtoUDP, SrcPort: 40000, DstPort: 30000}, true},
		{"between high ports, back", models.PacketMeta{Proto: models.ProtoUDP, SrcPort: 30000, DstPort: 40000}, false},
		{"one port at both ends", models.PacketMeta{Proto: models.ProtoUDP, SrcPort: 123, DstPort: 123}, true},
		{"echo", models.PacketMeta{Proto: models.ProtoICMP, SrcPort: 8}, true},
		{"echo reply", models.PacketMeta{Proto: models.ProtoICMP}, false},
		{"unreachable", models.PacketMeta{Proto: models.ProtoICMP, SrcPort: 3, DstPort: 3}, false},
		{"direction of the record: originator", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 443, DstPort: 50000, Flags: ack, Dir: models.DirOrig}, true},
		{"direction of the record: responder", models.PacketMeta{Proto: models.ProtoTCP, SrcPort: 50000, DstPort: 443, Flags: ack, Dir: models.DirResp}, false},
	} {
		c.m.Src, c.m.Dst = a1, b1
		e, err := New(Config{8, 8, 8, 8, 8})
		if err != nil {
			t.Fatal(err)
		}
		if v := e.Observe(&c.m); v.FromOrig != c.sender || !v.Opened {
			t.Errorf("%s: sender is the originator: %v, want %v", c.name, v.FromOrig, c.sender)
		}
		if icmpError(&c.m) {
			continue // no errors are sent about errors
		}
		back := c.m
		back.Src, back.Dst, back.SrcPort, back.DstPort = c.m.Dst, c.m.Src, c.m.DstPort, c.m.SrcPort
		if back.Dir != models.DirUnknown {
			back.Dir = models.DirOrig + models.DirResp - back.Dir
		}
		if v := e.Observe(&back); v.FromOrig == c.sender || v.Opened {
			t.Errorf("%s: the answer opened another connection or changed the originator", c.name)
		}
	}
}

// TestFanout checks the counts of a scanner and of its target.
func TestFanout(t *testing.T) {
	e, err := New(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	var v *View
	for i := range 100 {
		m := models.PacketMeta{TS: models.Timestamp(1e18 + int64(i)*1e7), Src: a1, Dst: b1, SrcPort: 40000, DstPort: uint16(i + 1),
			Proto: models.ProtoTCP, Flags: models.FlagSYN}
		v = e.Observe(&m)
		if i%10 == 0 {
			m.Src, m.Dst, m.SrcPort, m.DstPort, m.Flags = b1, a1, m.DstPort, m.SrcPort, models.FlagSYN|models.FlagACK
			v = e.Observe(&m)
		}
	}
	var out [MaxFeatures]float64
	check := func(name string, got, want, within float64) {
		if math.Abs(got-want) > within {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	v.Values(Fanout, &out)
	check("ports", out[0], 100, 12)
	check("peers", out[1], 1, .1)
	check("opened", out[3], 100, 2)
	check("unanswered, except for pending attempts", out[4], 60, 4)
	late := models.PacketMeta{TS: v.Meta.TS + 3e9, Src: a1, Dst: b1, SrcPort: 40000, DstPort: 101, Proto: models.ProtoTCP, Flags: models.FlagSYN}
	v = e.Observe(&late)
	v.Values(Fanout, &out)
	check("unanswered after a while", out[4], 87, 2)
	v.Values(Target, &out)
	check("sources", out[0], 1, .1)
	check("target ports", out[1], 101, 12)
	v.Values(Pair, &out)
	check("opened to one service", out[0], 1, .1)
}

func TestObserveDoesNotAllocate(t *testing.T) {
	e, err := New(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var m models.PacketMeta
	var out [MaxFeatures]float64
	if n := testing.AllocsPerRun(5000, func() {
		m = models.PacketMeta{TS: m.TS + 1e6, Src: a1, Dst: b1, SrcPort: uint16(rnd.IntN(1 << 16)), DstPort: 80, Proto: models.ProtoTCP}
		v := e.Observe(&m)
		for g := range Groups {
			v.Values(g, &out)
			Place(g, &out, &out)
		}
	}); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}

func TestStateRoundTrip(t *testing.T) {
	cfg := Config{64, 64, 64, 64, 64}
	a, _ := New(cfg)
	b, _ := New(cfg)
	rnd := rand.New(rand.NewPCG(4, 2))
	next := func(ts int64) models.PacketMeta {
		return models.PacketMeta{TS: models.Timestamp(ts), Src: netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.IntN(100))}), Dst: b1,
			SrcPort: uint16(rnd.IntN(2000)), DstPort: uint16(rnd.IntN(20)), Proto: models.ProtoTCP, Flags: models.TCPFlags(rnd.IntN(256)), PayloadLen: rnd.Uint32N(1500)}
	}
	for i := range 2000 {
		m := next(1e18 + int64(i)*1e8)
		a.Observe(&m)
	}
	snap := a.AppendState(nil)
	if rest, err := b.Restore(append(snap, 1, 2)); err != nil || len(rest) != 2 {
		t.Fatal(err, rest)
	}
	for i := range 2000 {
		m := next(1e18 + int64(2000+i)*1e8)
		x, y := a.Observe(&m), b.Observe(&m)
		var p, q [MaxFeatures]float64
		for g := range Groups {
			x.Values(g, &p)
			y.Values(g, &q)
			if p != q || x.Due != y.Due {
				t.Fatalf("packet %d, %s: %v, restored %v", i, g, p, q)
			}
		}
	}
	for i := 0; i < len(snap); i += 997 {
		if _, err := b.Restore(snap[:i]); err == nil {
			t.Fatalf("Restore accepted a snapshot cut at %d of %d", i, len(snap))
		}
	}
	if c, _ := New(Config{128, 64, 64, 64, 64}); c != nil {
		if _, err := c.Restore(snap); err == nil {
			t.Error("Restore accepted a snapshot with other table sizes")
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	e, _ := New(DefaultConfig())
	rnd := rand.New(rand.NewPCG(1, 2))
	list := make([]models.PacketMeta, 1<<14)
	for i := range list {
		list[i] = models.PacketMeta{Src: netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.IntN(100))}), Dst: netip.AddrFrom4([4]byte{8, 0, 0, byte(rnd.IntN(100))}),
			SrcPort: uint16(rnd.IntN(20)), DstPort: 443, Proto: models.ProtoTCP, Flags: models.FlagACK, PayloadLen: 500, WireLen: 554}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := &list[i&(1<<14-1)]
		m.TS = models.Timestamp(1e18 + int64(i)*1e5)
		e.Observe(m)
	}
}

// TestControllersAreAskedWithoutLogin: a master asks its controllers in short sessions that are
// all alike, minute after minute, which must not count as guessing passwords.
func TestControllersAreAskedWithoutLogin(t *testing.T) {
	for port, most := range map[uint16]float64{102: 0.05, 502: 0.05, 20000: 0.05, 44818: 0.05} {
		v := View{Meta: &models.PacketMeta{Proto: models.ProtoTCP, DstPort: port}, FromOrig: true, pair: new(pair)}
		if w := v.LoginWeight(false); w > most {
			t.Errorf("a short session at port %d counts %g as an attempt to log in, want at most %g", port, w, most)
		}
	}
	v := View{Meta: &models.PacketMeta{Proto: models.ProtoTCP, DstPort: 22}, FromOrig: true, pair: new(pair)}
	if w := v.LoginWeight(false); w != 1 {
		t.Errorf("a short session of SSH counts %g, want 1", w)
	}
}

// TestFewForgets: the clients of a destination count for the last half hour only, in any order
// of times.
func TestFewForgets(t *testing.T) {
	for _, tt := range []struct {
		at   []int64 // periods of 16 minutes in which client i is seen
		want int
	}{{[]int64{1}, 1}, {[]int64{1, 1, 2}, 3}, {[]int64{1, 2, 3}, 2}, {[]int64{1, 1, 9}, 1}, {[]int64{9, 1}, 1}} {
		var d few
		for i, at := range tt.at {
			d.add(at*longest+7, uint64(i))
		}
		if n := d.count(); n != tt.want {
			t.Errorf("clients at %v: %d, want %d", tt.at, n, tt.want)
		}
	}
}
