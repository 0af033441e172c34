package conntrack

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// datagram is one packet of a protocol without a handshake between host n and a server.
func datagram(p *models.Packet, proto models.Proto, n byte, reply bool, at time.Duration) {
	p.N = 1
	l := &p.Layers[0]
	*l = models.Layer{Src: netip.AddrFrom4([4]byte{10, 0, 0, n}), Dst: netip.MustParseAddr("192.0.2.1"), Proto: proto, PayloadLen: 10, IPLen: 38}
	switch proto {
	case models.ProtoUDP:
		l.SrcPort, l.DstPort = 40000, 9999
	case models.ProtoICMP:
		l.SrcPort, l.DstPort = 8, 0
	}
	if reply {
		l.Src, l.Dst, l.SrcPort, l.DstPort = l.Dst, l.Src, l.DstPort, l.SrcPort
		if proto == models.ProtoICMP {
			l.SrcPort, l.DstPort = 0, 0
		}
	}
	p.Meta.TS, p.Meta.WireLen = models.Timestamp(1e18+int64(at)), 52
}

// TestInactivityOfEachProtocol: one packet before the time-out continues the connection, one
// at the time-out begins another. Only event time counts.
func TestInactivityOfEachProtocol(t *testing.T) {
	for _, c := range []struct {
		proto models.Proto
		set   func(*Config, time.Duration)
	}{
		{models.ProtoUDP, func(c *Config, d time.Duration) { c.UDPInactivity = d }},
		{models.ProtoICMP, func(c *Config, d time.Duration) { c.ICMPInactivity = d }},
		{253, func(c *Config, d time.Duration) { c.UnknownInactivity = d }},
	} {
		for _, timeout := range []time.Duration{time.Millisecond, time.Second, 17 * time.Minute} {
			for _, gap := range []time.Duration{0, timeout / 2, timeout - 1, timeout, timeout + 1, 100 * timeout} {
				cfg := DefaultConfig()
				c.set(&cfg, timeout)
				table := New(cfg, nil)
				var p models.Packet
				datagram(&p, c.proto, 1, false, 0)
				table.Track(&p)
				id := p.Meta.Conn
				datagram(&p, c.proto, 1, true, gap)
				table.Track(&p)
				if continued := p.Meta.Conn == id; continued != (gap < timeout) {
					t.Errorf("%v with a time-out of %v: packet after %v continues the connection: %v", c.proto, timeout, gap, continued)
				}
			}
		}
	}
}

// TestSilentConnectionsEnd: without a further packet of the connection, the passing of event
// time ends it, at the latest a tick after its time-out, and never before.
func TestSilentConnectionsEnd(t *testing.T) {
	for _, timeout := range []time.Duration{time.Second, time.Minute, 10 * time.Minute, 23 * time.Hour} {
		cfg := DefaultConfig()
		cfg.UDPInactivity = timeout
		var ended int
		table := New(cfg, SinkFunc(func(_ *models.Connection, ev Event) {
			if ev == EventEnd {
				ended++
			}
		}))
		var p models.Packet
		datagram(&p, models.ProtoUDP, 1, false, 0)
		table.Track(&p)
		begin := p.Meta.TS
		const steps = 1000
		for i := range models.Timestamp(steps) {
			table.Advance(begin + models.Timestamp(timeout-1)*(i+1)/steps)
			if ended != 0 {
				t.Fatalf("time-out of %v: ended after %d of %d steps", timeout, i+1, steps)
			}
		}
		table.Advance(begin + models.Timestamp(timeout) + 2<<tickBits)
		if s := table.Stats(); ended != 1 || table.Len() != 0 || s.Expired != 1 || s.Ended != 1 {
			t.Errorf("time-out of %v: %d ended, %+v", timeout, ended, s)
		}
	}
}

// TestIdleAndActiveAgain: the phase follows silence and further packets, each change is
// reported once, and updates come at the interval only if there were packets.
func TestIdleAndActiveAgain(t *testing.T) {
	cfg := DefaultConfig()
	cfg.IdleAfter, cfg.UpdateInterval, cfg.UDPInactivity = 10*time.Second, 3*time.Second, time.Minute
	r := &recorder{}
	table := New(cfg, r)
	var p models.Packet
	send := func(at time.Duration, reply bool) {
		datagram(&p, models.ProtoUDP, 1, reply, at)
		table.Track(&p)
	}
	pass := func(from, to time.Duration) {
		for at := from; at <= to; at += 100 * time.Millisecond {
			table.Advance(models.Timestamp(1e18 + int64(at)))
		}
	}
	send(0, false)
	send(100*time.Millisecond, true)
	send(time.Second, false)
	pass(time.Second, 30*time.Second)
	send(30*time.Second, true)
	pass(30*time.Second, 2*time.Minute)

	type step struct {
		ev    Event
		phase string
	}
	var got []step
	for _, ev := range r.all {
		got = append(got, step{ev.E, ev.C.Phase})
	}
	want := []step{{EventNew, "new"}, {EventChanged, "active"}, {EventUpdate, "active"}, {EventChanged, "idle"}, {EventChanged, "active"},
		{EventChanged, "idle"}, {EventEnd, "expired"}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("event %d is %v, want %v, of %v", i, got[i], want[i], got)
		}
	}
}

// TestUpdateInterval: a connection that sends all the time is reported once an interval, and
// not at all with an interval of zero.
func TestUpdateInterval(t *testing.T) {
	for _, every := range []time.Duration{0, 2 * time.Second, 7 * time.Second} {
		cfg := DefaultConfig()
		cfg.UpdateInterval = every
		updates, last := 0, uint64(0)
		table := New(cfg, SinkFunc(func(c *models.Connection, ev Event) {
			if n := c.OrigPackets + c.RespPackets; ev == EventUpdate {
				updates++
				if n <= last {
					t.Errorf("update with %d packets after one with %d", n, last)
				}
				last = n
			}
		}))
		var p models.Packet
		const total = 100 * time.Second
		for at := time.Duration(0); at < total; at += 50 * time.Millisecond {
			datagram(&p, models.ProtoUDP, 1, at%(100*time.Millisecond) != 0, at)
			table.Track(&p)
		}
		want := 0
		if every > 0 {
			want = int(total / every)
		}
		if updates < want*8/10 || updates > want {
			t.Errorf("interval %v: %d updates in %v, want about %d", every, updates, total, want)
		}
	}
}

// TestEvictionIsByAge: the table never has more than its bound, evicts half-open connections
// from the oldest on, and reports each as ended with the packets that it had.
func TestEvictionIsByAge(t *testing.T) {
	for _, bound := range []int{1, 2, 7, 100} {
		cfg := DefaultConfig()
		cfg.Connections = bound
		var ended []models.Timestamp
		table := New(cfg, SinkFunc(func(c *models.Connection, ev Event) {
			if ev == EventEnd {
				ended = append(ended, c.TS)
				if c.OrigPackets != 1 || c.RespPackets != 0 {
					t.Errorf("evicted with %d and %d packets", c.OrigPackets, c.RespPackets)
				}
			}
		}))
		var p models.Packet
		const n = 250
		for i := range n {
			datagram(&p, models.ProtoUDP, byte(i), false, time.Duration(i)*time.Millisecond)
			table.Track(&p)
			if p.Meta.Conn == 0 || table.Len() != min(i+1, bound) {
				t.Fatalf("bound %d: packet %d has connection %v, the table %d", bound, i, p.Meta.Conn, table.Len())
			}
		}
		if s := table.Stats(); s.Evicted != uint64(n-bound) || len(ended) != n-bound {
			t.Errorf("bound %d: %+v, %d ended", bound, s, len(ended))
		}
		for i, ts := range ended {
			if want := models.Timestamp(1e18 + int64(i)*int64(time.Millisecond)); ts != want {
				t.Errorf("bound %d: eviction %d is of the connection at %d, want %d", bound, i, ts, want)
			}
		}
	}
}

// TestAnsweredFlowIsKept: a flow with packets of both ends is established and stays, while a
// scan evicts the unanswered ones.
func TestAnsweredFlowIsKept(t *testing.T) {
	for _, proto := range []models.Proto{models.ProtoUDP, models.ProtoICMP, 253} {
		cfg := DefaultConfig()
		cfg.Connections = 3
		table := New(cfg, nil)
		var p models.Packet
		datagram(&p, proto, 1, false, 0)
		table.Track(&p)
		id := p.Meta.Conn
		datagram(&p, proto, 1, true, time.Millisecond)
		table.Track(&p)
		for i := range byte(200) {
			datagram(&p, proto, 2+i, false, 2*time.Millisecond)
			table.Track(&p)
		}
		datagram(&p, proto, 1, false, 3*time.Millisecond)
		table.Track(&p)
		if p.Meta.Conn != id || p.Meta.Dir != models.DirOrig {
			t.Errorf("%v: the answered flow was evicted: %+v", proto, table.Stats())
		}
	}
}
