package conntrack

import "github.com/netlyra/netlyra/internal/models"

// Stats are counters since the table was created.
type Stats struct {
	Packets     uint64 // given to Track
	Layers      uint64 // IP packets in them: more, where there are tunnels
	Untracked   uint64 // layers without a readable transport header: later fragments, truncated captures, false lengths
	BadChecksum uint64 // layers whose transport checksum is wrong
	Begun       uint64 // connections
	Ended       uint64
	Expired     uint64 // of those ended by a time-out
	Reused      uint64 // of those ended because a SYN reused the tuple
	Evicted     uint64 // of those evicted because the table was full
	Refused     uint64 // packets of connections that were not tracked because the table was full
	Late        uint64 // packets older than the newest
	SetBack     uint64 // times that event time was set back, see clock.go
}

// Stats returns the counters.
func (t *Table) Stats() Stats { return t.stats }

// Len returns the number of tracked connections.
func (t *Table) Len() int { return t.count }

// Traffic fills out with the hosts with the most bytes in the last window and all bytes by
// protocol.
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
