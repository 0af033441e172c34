package decode

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// refutedFlows is how many flows are remembered. There are few: a tunnel's port that
// something else uses. Where two want one place the later one has it; the other is then
// looked at afresh, which costs nothing but time.
const refutedFlows = 512

// refutedFor is how long a flow is remembered after its latest datagram: as long as
// conntrack takes it for one (Zeek's udp_inactivity_timeout).
const refutedFor = models.Timestamp(60e9)

// refuted remembers the UDP flows that turned out not to be the tunnel that they look
// like, as Zeek does by connection.
type refuted struct {
	used  bool // false until the first, so that most captures never look
	flows [refutedFlows]refutedFlow
}

type refutedFlow struct {
	a, b netip.AddrPort // the smaller first, so that both directions are one flow
	kind models.TunnelKind
	last models.Timestamp
}

// has reports whether the flow of l was refuted as a tunnel of that kind.
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

// add notes that the flow of l is not a tunnel of that kind.
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

// placeOf is where a flow is remembered. Nobody gains by aiming at a place.
func placeOf(a, b netip.AddrPort) uint64 {
	x, y := a.Addr().As16(), b.Addr().As16()
	le := binary.LittleEndian
	h := le.Uint64(x[8:]) ^ bits.RotateLeft64(le.Uint64(y[8:]), 17) ^ le.Uint64(x[:]) ^ bits.RotateLeft64(le.Uint64(y[:]), 31)
	h = (h ^ uint64(a.Port())<<16 ^ uint64(b.Port())) * 0x9e3779b97f4a7c15
	return h >> 32 % refutedFlows
}
