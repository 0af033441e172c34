package decode

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// refutedFlows is the size of the table. Such flows are rare: another protocol on the port of
// a tunnel. If two flows have the same place, the later one replaces the other, which is then
// examined again.
const refutedFlows = 512

// refutedFor is how long a flow is remembered after its latest datagram: the time-out of
// conntrack (Zeek's udp_inactivity_timeout).
const refutedFor = models.Timestamp(60e9)

// refuted is a table of UDP flows that are not the tunnel that their port suggests. Zeek
// stores the same per connection.
type refuted struct {
	used  bool // false until the first entry, so that most captures need no look-up
	flows [refutedFlows]refutedFlow
}

type refutedFlow struct {
	a, b netip.AddrPort // the smaller first, so that both directions are one flow
	kind models.TunnelKind
	last models.Timestamp
}

// has reports whether the flow of l is known not to be a tunnel of that kind.
func (r *refuted) has(l *models.Layer, kind models.TunnelKind, now models.Timestamp) bool {
	return r.used && r.find(l, kind, now)
}

func (r *refuted) find(l *models.Layer, kind models.TunnelKind, now models.Timestamp) bool {
	a, b := flowOf(l)
	f := &r.flows[placeOf(a, b)]
	if f.kind != kind || f.a != a || f.b != b || now-f.last >= refutedFor {
		return false
	}
	f.last = max(f.last, now)
	return true
}

// add records that the flow of l is not a tunnel of that kind.
func (r *refuted) add(l *models.Layer, kind models.TunnelKind, now models.Timestamp) {
	r.used = true
	a, b := flowOf(l)
	r.flows[placeOf(a, b)] = refutedFlow{a, b, kind, now}
}

func flowOf(l *models.Layer) (a, b netip.AddrPort) {
	a, b = netip.AddrPortFrom(l.Src, l.SrcPort), netip.AddrPortFrom(l.Dst, l.DstPort)
	if b.Compare(a) < 0 {
		return b, a
	}
	return a, b
}

// placeOf returns the index of a flow in the table. Constructed collisions gain nothing.
func placeOf(a, b netip.AddrPort) uint64 {
	x, y := a.Addr().As16(), b.Addr().As16()
	le := binary.LittleEndian
	h := le.Uint64(x[8:]) ^ bits.RotateLeft64(le.Uint64(y[8:]), 17) ^ le.Uint64(x[:]) ^ bits.RotateLeft64(le.Uint64(y[:]), 31)
	h = (h ^ uint64(a.Port())<<16 ^ uint64(b.Port())) * 0x9e3779b97f4a7c15
	return h >> 32 % refutedFlows
}
