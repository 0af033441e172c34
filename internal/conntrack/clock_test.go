package conntrack

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// TestOlderCaptureAfterNewer: time-outs act in a capture that is older than the one
// before it, and what was open in the newer one ends.
func TestOlderCaptureAfterNewer(t *testing.T) {
	for name, first := range map[string]int64{"a newer capture": 1e18, "one wrong timestamp": 1 << 61} {
		r := &recorder{}
		table := New(DefaultConfig(), r)
		establish(table, 1, first)
		older := int64(1e18) - int64(1000*time.Hour)
		var p models.Packet
		for i := range manyBehinds {
			tcpPacket(&p, 5, false, models.FlagACK, older+int64(i)*1e6)
			table.Track(&p)
		}
		if s := table.Stats(); s.SetBack != 1 || table.Len() != 1 || s.Ended != 1 {
			t.Fatalf("%s: %+v, %d connections", name, s, table.Len())
		}
		id := p.Meta.Conn
		table.Advance(models.Timestamp(older + int64(10*time.Minute)))
		if table.Len() != 0 {
			t.Errorf("%s: the connection outlives its time-out", name)
		}
		last := r.all[len(r.all)-1]
		if last.E != EventEnd || last.C.ID != id.String() || last.C.OrigPackets != manyBehinds {
			t.Errorf("%s: last reported %+v", name, last)
		}
	}
}

// TestStraysDoNotSetTheClockBack: a few packets with wrong times are only late.
func TestStraysDoNotSetTheClockBack(t *testing.T) {
	table := New(DefaultConfig(), nil)
	var p models.Packet
	for i := range int64(1000) {
		ts := int64(1e18) + i*1e6
		if i%5 != 0 {
			ts = i // no clock
		}
		tcpPacket(&p, uint32(i%3), false, models.FlagACK, ts)
		table.Track(&p)
	}
	if s := table.Stats(); s.SetBack != 0 || s.Late != 800 {
		t.Errorf("%+v", s)
	}
}

// TestLatePacketsMoveTimeOutsForward: a sink that also receives the updates of a
// connection gets the same connections as one that receives ends only.
func TestLatePacketsMoveTimeOutsForward(t *testing.T) {
	cfg := DefaultConfig()
	all := New(cfg, &recorder{})
	cfg.EndsOnly = true
	ends := New(cfg, &recorder{})
	var p models.Packet
	for i := range int64(20_000) {
		ts := int64(1e18) + i*1e8
		if i%1000 > 500 {
			ts -= int64(50 * time.Minute) // late, but not enough to set the clock back
		}
		tcpPacket(&p, uint32(i%37), i%3 == 0, models.FlagACK, ts)
		all.Track(&p)
		conn := p.Meta.Conn
		tcpPacket(&p, uint32(i%37), i%3 == 0, models.FlagACK, ts)
		ends.Track(&p)
		if p.Meta.Conn != conn {
			t.Fatalf("packet %d is of connection %v, but of %v with EndsOnly", i, conn, p.Meta.Conn)
		}
	}
	if s := all.Stats(); s.Expired == 0 || s.SetBack != 0 {
		t.Errorf("the test shows nothing: %+v", s)
	}
}
