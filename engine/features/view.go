package features

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// View is the state that one packet touched. It is valid until the next call of Observe.
type View struct {
	Meta      *models.PacketMeta
	FromOrig  bool   // sender of the packet is the originator
	Opened    bool   // packet is the first of a connection
	SourceKey uint64 // hash of the originator's address
	TargetKey uint64 // hash of the responder's address
	Due       [Groups]bool
	conn      *conn
	source    *source
	target    *target
	pair      *pair
	service   *service
	extractor *Extractor
	gap       int64 // nanoseconds since the previous packet of the connection, -1 for the first
	answers   bool
	newSource bool
	refused   bool // first RST of a connection without answer
	completes bool // first packet of the originator after the answer
	unasked   bool // belongs to a connection that began with its answer
	moved     moved
	duo       *duo    // set if a scan statistic moved
	sweep     *sweep  // also
	domain    *domain // set if the statistic of its names moved
}

// AllowAnomalous reports whether an anomalous point of this packet may be learned at a
// scale, and records it. Source and destination each contribute at most one such point in
// every nanoseconds.
func (v *View) AllowAnomalous(s Scale, every int64) bool {
	ts, a, b := int64(v.Meta.TS), &v.source.anomalousAt[s], &v.target.anomalousAt[s]
	if near(ts, *a, every) || near(ts, *b, every) {
		return false
	}
	*a, *b = ts, ts
	return true
}

// near reports whether a is set and less than span from ts.
func near(ts, a, span int64) bool { return a != 0 && ts-a < span && ts-a > -span }

// Source returns the address of the originator.
func (v *View) Source() netip.Addr {
	if v.FromOrig {
		return v.Meta.Src
	}
	return v.Meta.Dst
}

// Target returns the address of the responder.
func (v *View) Target() netip.Addr {
	if v.FromOrig {
		return v.Meta.Dst
	}
	return v.Meta.Src
}

// ServicePort returns the port of the responder, for ICMP the message type.
func (v *View) ServicePort() uint16 {
	if v.FromOrig && !isICMP(v.Meta.Proto) {
		return v.Meta.DstPort
	}
	return v.Meta.SrcPort
}

// Tail returns where the engine keeps the tail of group g between evaluations, nil for
// Packet, which is always due.
func (v *View) Tail(g Group) *float32 {
	switch g {
	case Conn:
		return &v.conn.tail
	case Fanout, Slow, Volume:
		return &v.source.tail[g-Fanout]
	case Target:
		return &v.target.tail
	case Pair, Service, Novelty:
		return &v.pair.tail[g-Pair]
	}
	return nil
}

// Share returns the share, 0…1, of the points of the two hosts at a scale that should be
// learned, so that each contributes about rate points per second. Each call counts as an
// offer of both hosts.
func (v *View) Share(s Scale, rate float32) float32 {
	ts := int64(v.Meta.TS)
	return min(v.source.offers[s].Share(ts, rate), v.target.offers[s].Share(ts, rate))
}

// MarkAlarmed records that the packet's pair raised an alarm.
func (v *View) MarkAlarmed() { v.pair.alarmedAt = int64(v.Meta.TS) }

// AlarmedWithin reports whether the packet's pair raised an alarm in the last span
// nanoseconds.
func (v *View) AlarmedWithin(span int64) bool {
	return near(int64(v.Meta.TS), v.pair.alarmedAt, span)
}

// PairSince returns the time of the first packet of the packet's pair.
func (v *View) PairSince() models.Timestamp { return models.Timestamp(v.pair.first) }

// Established reports whether the packet's connection has more than an answered attempt.
func (v *View) Established() bool {
	c := v.conn
	return c.answered && c.packets[0]+c.packets[1] > 4
}

// TakeOdd reports whether an evaluation of group g may add evidence about the packet's source,
// and records it: evaluations of one group count at most once in every nanoseconds.
func (v *View) TakeOdd(g Group, every int64) bool {
	at := &v.source.oddAt[g]
	if near(int64(v.Meta.TS), *at, every) {
		return false
	}
	*at = int64(v.Meta.TS)
	return true
}
