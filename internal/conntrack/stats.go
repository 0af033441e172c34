package conntrack

import "github.com/netlyra/netlyra/internal/models"

// Stats counts since the table was made.
type Stats struct {
	Packets     uint64 // given to Track
	Layers      uint64 // IP packets in them: more, where there are tunnels
	Untracked   uint64 // layers without a transport header that can be read: later fragments, cut captures, lies
	BadChecksum uint64 // layers whose transport checksum is wrong
	Begun       uint64 // connections
	Ended       uint64
	Expired     uint64 // of those ended by a time-out
	Reused      uint64 // of those ended because a SYN began a new one with the same tuple
	Evicted     uint64 // of those ended for want of room
	Refused     uint64 // packets of connections that were not tracked for want of room
	Late        uint64 // packets older than the newest
	PutBack     uint64 // times that event time was put back, see clock.go
}

// Stats is a copy of the counts.
func (t *Table) Stats() Stats { return t.stats }

// Len is how many connections are tracked.
func (t *Table) Len() int { return t.count }

// Traffic fills in who talked most in the last window, and all bytes by protocol.
func (t *Table) Traffic(out *models.Traffic) {
	*out = models.Traffic{
		Talkers: t.talkers.Top(10), Protocols: map[string]uint64{},
		Connections: uint64(t.count), EventTS: models.Timestamp(t.newest),
	}
	for p, n := range t.protocols {
		if n > 0 {
			out.Protocols[models.Proto(p).String()] = n
		}
	}
}
