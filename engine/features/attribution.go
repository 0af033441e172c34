package features

// vote counts a connection of a source (majority vote of Boyer and Moore, decaying): a
// source with more than half of the recent connections becomes the leader.
func (t *target) vote(source uint64) {
	switch {
	case source == t.leader:
		t.votes++
	case t.votes < 1:
		t.leader, t.votes = source, 1
	default:
		t.votes--
	}
}

// dominated reports whether one source opened far more connections than all others.
func (t *target) dominated() bool { return t.votes > 0.3*t.opened[mid60] }

// Attributable reports whether an anomaly of the destination may be attributed to the
// packet's source: the source is the leader; or there is no leader, the connection is not
// answered and the burst of attempts continues. Established clients of the destination are
// not responsible for it.
func (v *View) Attributable() bool {
	if v.target.dominated() {
		return v.target.leader == v.SourceKey
	}
	return !v.conn.answered && v.target.opened[short4] > 0.03*v.target.opened[mid60]
}

// OneOfMany reports whether the packet's source is one of several sources without other
// recent connections that contact the destination at the same time without an answer:
// forged addresses, or a botnet.
func (v *View) OneOfMany() bool {
	s, t := v.source, v.target
	return s.opened[long960] < 3 && !v.conn.answered && t.opened[short4] >= 4 && !t.dominated() && t.sources.estimate() >= 4
}

// Crowd reports whether an anomaly of the destination is caused by many sources together,
// so that none of them is the subject of an alert.
func (v *View) Crowd() bool { return !v.target.dominated() && v.target.sources.estimate() >= 8 }

// Dominates reports whether the packet's source opened most of the recent connections to the
// destination.
func (v *View) Dominates() bool { return v.target.leader == v.SourceKey && v.target.dominated() }
