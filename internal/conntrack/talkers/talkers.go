package talkers

import (
	"net/netip"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// Table finds the hosts that sent and received most, by space-saving (Metwally, Agrawal,
// El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT
// 2005) in sets of eight. A host without a place takes that of the smallest in its set and
// inherits its bytes, so that counts err upward only and heavy hosts are never missed. Two
// generations form the window: Top covers the last one to two windows. One goroutine at a
// time.
type Table struct {
	window, began int64
	now, before   *generation
}

const (
	talkerSets = 64
	talkerWays = 8
)

type generation [talkerSets][talkerWays]talker

type talker struct {
	addr           netip.Addr
	bytes, packets uint64
}

// New returns an empty table with a window of so many nanoseconds.
func New(window int64) Table {
	return Table{window: window, now: new(generation), before: new(generation)}
}

// Count adds a packet of the given bytes, at event time ts in nanoseconds, to both of its
// hosts.
func (k *Table) Count(ts int64, src, dst netip.Addr, bytes uint64) {
	if ts-k.began >= k.window {
		k.turn(ts)
	}
	k.now.add(src, bytes)
	if dst != src {
		k.now.add(dst, bytes)
	}
}

// turn starts a new window.
func (k *Table) turn(ts int64) {
	old := ts-k.began >= 2*k.window
	k.now, k.before = k.before, k.now
	*k.now = generation{}
	if old {
		*k.before = generation{}
	}
	k.began = ts
}

// add counts bytes for one host. Heavy hosts move to the front of their set, where they are
// found first.
func (g *generation) add(a netip.Addr, bytes uint64) {
	b := a.As16()
	set := &g[(uint32(b[15])^uint32(b[14])*5^uint32(b[13])*17^uint32(b[8])*31)%talkerSets]
	for i := range set {
		if set[i].addr != a {
			continue
		}
		set[i].bytes += bytes
		set[i].packets++
		if i > 0 && set[i].bytes > set[i-1].bytes {
			set[i], set[i-1] = set[i-1], set[i]
		}
		return
	}
	least := 0
	for i := range set {
		if set[i].bytes < set[least].bytes {
			least = i
		}
	}
	set[least].addr = a
	set[least].bytes += bytes
	set[least].packets++
}

// Top returns the n hosts with the most bytes, most first.
func (k *Table) Top(n int) []models.Talker {
	sum := make([]talker, 0, 2*talkerSets*talkerWays)
	for _, g := range []*generation{k.now, k.before} {
		for s := range g {
			for _, t := range g[s] {
				if t.packets == 0 {
					continue
				}
				if i := slices.IndexFunc(sum, func(o talker) bool { return o.addr == t.addr }); i >= 0 {
					sum[i].bytes += t.bytes
					sum[i].packets += t.packets
				} else {
					sum = append(sum, t)
				}
			}
		}
	}
	slices.SortFunc(sum, func(a, b talker) int {
		switch {
		case a.bytes != b.bytes:
			if a.bytes > b.bytes {
				return -1
			}
			return 1
		}
		return a.addr.Compare(b.addr)
	})
	out := make([]models.Talker, 0, n)
	for _, t := range sum[:min(n, len(sum))] {
		out = append(out, models.Talker{IP: t.addr.String(), Packets: t.packets, Bytes: t.bytes})
	}
	return out
}
