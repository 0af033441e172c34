package talkers

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

const window = int64(10 * time.Second)

func host4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// sink is a host that appears as the other end where only one end matters.
var sink = netip.MustParseAddr("192.0.2.200")

// find returns the entry of a host, the zero value if it is absent.
func find(top []models.Talker, a netip.Addr) models.Talker {
	if i := slices.IndexFunc(top, func(t models.Talker) bool { return t.IP == a.String() }); i >= 0 {
		return top[i]
	}
	return models.Talker{}
}

// TestCountsBothEnds: each packet counts for its source and its destination, and once if
// they are the same host.
func TestCountsBothEnds(t *testing.T) {
	k := New(window)
	a, b := host4(1), host4(2)
	k.Count(0, a, b, 100)
	k.Count(1, b, a, 50)
	k.Count(2, a, a, 7)
	want := []models.Talker{{IP: "10.0.0.1", Packets: 3, Bytes: 157}, {IP: "10.0.0.2", Packets: 2, Bytes: 150}}
	if got := k.Top(10); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := k.Top(1); !slices.Equal(got, want[:1]) {
		t.Errorf("first: got %+v, want %+v", got, want[:1])
	}
	if got := k.Top(0); len(got) != 0 {
		t.Errorf("Top(0) returned %+v", got)
	}
}

// TestExactBelowCapacity: with at most eight hosts of a set, all counts are exact. A host
// count of at most eight cannot overflow any set.
func TestExactBelowCapacity(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 3))
	for round := range 50 {
		k := New(window)
		want := map[netip.Addr]models.Talker{}
		for range 500 {
			a := host4(uint32(rng.IntN(8)) * 64)
			n := uint64(40 + rng.IntN(1460))
			k.now.add(a, n)
			w := want[a]
			want[a] = models.Talker{IP: a.String(), Packets: w.Packets + 1, Bytes: w.Bytes + n}
		}
		top := k.Top(100)
		if len(top) != len(want) {
			t.Fatalf("round %d: %d hosts, want %d", round, len(top), len(want))
		}
		for a, w := range want {
			if got := find(top, a); got != w {
				t.Fatalf("round %d: got %+v, want %+v", round, got, w)
			}
		}
	}
}

// TestTopIsSorted: most bytes first, the lower address first where they are the same.
func TestTopIsSorted(t *testing.T) {
	k := New(window)
	for _, n := range []uint32{9, 3, 7, 5} {
		k.Count(0, host4(n), sink, 100)
	}
	k.Count(0, host4(8), sink, 101)
	var got []string
	for _, x := range k.Top(10) {
		got = append(got, x.IP)
	}
	want := []string{"192.0.2.200", "10.0.0.8", "10.0.0.3", "10.0.0.5", "10.0.0.7", "10.0.0.9"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestHeavyHostsSurviveAScan: a scan of many addresses does not remove the hosts with the most
// bytes, and no count is below the true one.
func TestHeavyHostsSurviveAScan(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(11, seed))
		k := New(window)
		bytes, packets := map[netip.Addr]uint64{}, map[netip.Addr]uint64{}
		count := func(a netip.Addr, n uint64) {
			bytes[a] += n
			packets[a]++
			k.Count(int64(len(bytes)), a, a, n)
		}
		var heavy []netip.Addr
		for range 10 {
			heavy = append(heavy, host4(rng.Uint32()))
		}
		for range 20_000 {
			count(host4(rng.Uint32()), 60)
			count(heavy[rng.IntN(len(heavy))], 1500)
		}
		top := k.Top(talkerSets * talkerWays)
		for _, a := range heavy {
			if i := slices.IndexFunc(top[:len(heavy)], func(x models.Talker) bool { return x.IP == a.String() }); i < 0 {
				t.Errorf("seed %d: %v is not among the first %d", seed, a, len(heavy))
			}
		}
		for _, x := range top {
			a := netip.MustParseAddr(x.IP)
			if x.Bytes < bytes[a] && slices.Contains(heavy, a) || x.Packets < packets[a] && slices.Contains(heavy, a) {
				t.Errorf("seed %d: %+v, true %d bytes in %d packets", seed, x, bytes[a], packets[a])
			}
		}
	}
}

// TestTotalIsPreserved: space-saving moves bytes between hosts but loses none, so that a set's
// sum equals the traffic of its hosts.
func TestTotalIsPreserved(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	k := New(window)
	var total, packets uint64
	for range 50_000 {
		n := uint64(rng.IntN(1500))
		total += n
		packets++
		a := host4(rng.Uint32())
		k.Count(0, a, a, n)
	}
	var sum, count uint64
	for _, x := range k.Top(1 << 20) {
		sum += x.Bytes
		count += x.Packets
	}
	if sum != total || count != packets {
		t.Errorf("%d bytes in %d packets, want %d in %d", sum, count, total, packets)
	}
}

// TestWindowTurns checks when a host leaves the window of one to two lengths.
func TestWindowTurns(t *testing.T) {
	old, later := host4(1), host4(2)
	for _, c := range []struct {
		name string
		at   []int64 // packets of later after one of old at 0
		want uint64  // bytes of old
	}{
		{"same window", []int64{window - 1}, 100},
		{"next window", []int64{window}, 100},
		{"end of the next window", []int64{window, 2*window - 1}, 100},
		{"window after next", []int64{window, 2 * window}, 0},
		{"long silence", []int64{2 * window}, 0},
		{"just below two windows", []int64{2*window - 1}, 100},
		{"time goes back", []int64{window, 5}, 100},
	} {
		k := New(window)
		k.Count(0, old, sink, 100)
		for _, ts := range c.at {
			k.Count(ts, later, sink, 1)
		}
		if got := find(k.Top(10), old).Bytes; got != c.want {
			t.Errorf("%s: %d bytes of the old host, want %d", c.name, got, c.want)
		}
	}
}

// TestGenerationsAdd: a host in both generations appears once with the sum.
func TestGenerationsAdd(t *testing.T) {
	k := New(window)
	a := host4(1)
	k.Count(0, a, sink, 100)
	k.Count(window, a, sink, 23)
	top := k.Top(10)
	if got, want := find(top, a), (models.Talker{IP: "10.0.0.1", Packets: 2, Bytes: 123}); got != want || len(top) != 2 {
		t.Errorf("got %+v of %d hosts, want %+v of 2", got, len(top), want)
	}
}

// TestIPv6AndIPv4AreDistinct: an IPv4 address and its IPv6-mapped form share a set but are
// different hosts.
func TestIPv6AndIPv4AreDistinct(t *testing.T) {
	k := New(window)
	four := host4(1)
	six := netip.AddrFrom16(four.As16())
	k.Count(0, four, six, 10)
	if top := k.Top(10); len(top) != 2 || top[0].Bytes != 10 || top[1].Bytes != 10 {
		t.Errorf("got %+v", top)
	}
}

// TestCountDoesNotAllocate: Count is called for each packet, also when a window begins.
func TestCountDoesNotAllocate(t *testing.T) {
	k := New(window)
	ts, n := int64(0), uint32(0)
	if a := testing.AllocsPerRun(1000, func() {
		ts += window / 3
		n++
		k.Count(ts, host4(n), sink, 100)
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}
