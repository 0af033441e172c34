package features

import (
	"github.com/netlyra/netlyra/internal/models"
)

// idleAfter returns the silence in nanoseconds that ends a connection without an id.
func idleAfter(p models.Proto) int64 {
	if p == models.ProtoTCP {
		return 900 * second
	}
	return 60 * second
}

func (e *Extractor) observeConn(v *View, ends ends, ts int64) {
	m := v.Meta
	c, fresh := e.conns.get(ends.key)
	syn := m.Flags&(models.FlagSYN|models.FlagACK) == models.FlagSYN
	if !fresh && (ts-c.last > idleAfter(m.Proto) && m.Conn == 0 || syn && c.closed) {
		*c, fresh = conn{}, true
	}
	v.gap = -1
	dt := c.move(ts, fresh)
	if !fresh {
		v.gap = dt
	}
	if fresh {
		c.orig = ends.side
		if !senderIsOriginator(m) {
			c.orig ^= 1
		}
		c.due = 1
	} else if m.Dir != models.DirUnknown { // a record with a direction overrules the first packet
		if c.orig = ends.side; m.Dir == models.DirResp {
			c.orig ^= 1
		}
	}
	if icmpError(m) { // reports an error to the originator, although Zeek makes its sender one
		c.orig = ends.side ^ 1
	}
	v.Opened, v.conn = fresh, c
	fromOrig := ends.side == c.orig
	if fresh && m.Proto == models.ProtoTCP && m.Flags.Has(models.FlagACK) && m.PayloadLen > 0 {
		c.answered, v.answers, c.complete = true, true, true // established before the first packet
		c.midstream = fromOrig
	}
	rst := m.Flags&models.FlagRST != 0 && m.Proto == models.ProtoTCP
	switch {
	case c.answered && fromOrig && !rst && !c.complete:
		c.complete, v.completes = true, true
	case !fromOrig && !rst && !c.answered && !icmpError(m):
		c.answered, v.answers = true, true
		if m.Proto != models.ProtoTCP {
			c.complete, v.completes = true, true
		}
	case fresh && !Answerable(v.Meta.Dst) && fromOrig:
		c.answered, v.answers, c.complete = true, true, true // a group cannot answer
	}
	v.refused = rst && !c.reset && !c.answered
	changed := rst && !c.reset || m.Flags&models.FlagFIN != 0 && !c.closed
	c.closed = c.closed || rst || m.Flags&models.FlagFIN != 0
	c.reset = c.reset || rst
	c.count(ends.side, m)
	if n := c.packets[0] + c.packets[1]; n >= c.due || changed {
		v.Due[Conn] = true
		c.due = n + min(n, 64)
	}
}

func (c *conn) count(side uint8, m *models.PacketMeta) {
	size := float64(m.PayloadLen)
	c.packets[side&1]++
	c.bytes[side&1] += size
	c.sizes[0] += size
	c.sizes[1] += size * size
	if m.PayloadLen > 0 {
		c.entropyN++
		c.entropy += (float32(m.Entropy)/100 - c.entropy) / float32(min(c.entropyN, 64))
	}
}

func icmpError(m *models.PacketMeta) bool {
	switch m.Proto {
	case models.ProtoICMP:
		return m.SrcPort == 3 || m.SrcPort == 4 || m.SrcPort == 5 || m.SrcPort == 11 || m.SrcPort == 12
	case models.ProtoICMPv6:
		return m.SrcPort < 128
	}
	return false
}

// size returns the bytes of a packet for byte rates: on the wire, if known.
func size(m *models.PacketMeta) float32 {
	switch {
	case m.WireLen > 0:
		return float32(m.WireLen)
	case m.IPLen > 0:
		return float32(m.IPLen)
	}
	return float32(m.PayloadLen)
}

func (e *Extractor) observeSource(v *View, ts int64) fading {
	s, fresh := e.sources.get(v.SourceKey)
	v.source, v.newSource = s, fresh
	f := fadeFor(s.move(ts, fresh))
	for _, a := range [...]*amount{&s.packets, &s.bytes, &s.payload, &s.empty, &s.down, &s.opened, &s.answered} {
		a.fade(f)
	}
	payload := float32(v.Meta.PayloadLen)
	if v.FromOrig {
		s.packets.add(1)
		s.bytes.add(size(v.Meta))
		s.payload.add(payload)
		if payload == 0 {
			s.empty.add(1)
		}
	} else {
		s.down.add(payload)
	}
	if v.answers {
		s.answered.add(1)
	}
	s.pending.count(v, v.answers, f)
	if v.Opened && !icmpError(v.Meta) {
		s.opened.add(1)
		s.ports.turn(ts, 60*second)
		s.peers.turn(ts, 60*second)
		s.slowPorts.turn(ts, longest)
		s.slowPeers.turn(ts, longest)
		port := mix(uint64(v.ServicePort()), uint64(v.Meta.Proto))
		s.ports.add(port)
		s.slowPorts.add(port)
		s.peers.add(v.TargetKey)
		s.slowPeers.add(v.TargetKey)
	}
	if (v.FromOrig || v.Opened) && s.due(ts, v.Opened) {
		v.Due[Fanout], v.Due[Slow], v.Due[Volume] = true, true, true
	}
	return f
}

func (e *Extractor) observeTarget(v *View, ts int64) fading {
	t, fresh := e.targets.get(v.TargetKey)
	v.target = t
	f := fadeFor(t.move(ts, fresh))
	t.packets.fade(f)
	t.opened.fade(f)
	t.answered.fade(f)
	t.votes *= f[mid60]
	t.pending.count(v, v.answers, f)
	if v.FromOrig {
		t.packets.add(1)
	}
	if v.answers {
		t.answered.add(1)
	}
	if v.Opened {
		t.opened.add(1)
		t.sources.turn(ts, 60*second)
		t.ports.turn(ts, 60*second)
		t.sources.add(v.SourceKey)
		t.clients.add(ts, mix(v.SourceKey, 1))
		t.vote(v.SourceKey)
		t.ports.add(mix(uint64(v.ServicePort()), uint64(v.Meta.Proto)))
	}
	v.Due[Target] = (v.FromOrig || v.Opened) && t.due(ts, v.Opened)
	return f
}

func (e *Extractor) observePair(v *View, ts int64) {
	p, fresh := e.pairs.get(mix(mix(v.SourceKey, v.TargetKey), uint64(v.ServicePort())<<8|uint64(v.Meta.Proto)))
	v.pair = p
	f := fadeFor(p.move(ts, fresh))
	p.opened.fade(f)
	p.up.fade(f)
	p.down.fade(f)
	p.filled.fade(f)
	p.entropy.fade(f)
	p.squares.fade(f)
	p.ended.fade(f)
	p.queryData.fade(f)
	p.unnamed.fade(f)
	p.denied.fade(f)
	p.odd *= f[long960]
	if payload := float32(v.Meta.PayloadLen); v.FromOrig {
		p.up.add(payload)
		if payload > 0 {
			p.filled.add(1)
			p.entropy.add(float32(v.Meta.Entropy) / 100)
			p.squares.add(payload * payload)
			v.observeQuery()
		}
	} else {
		p.down.add(payload)
	}
	if v.Opened {
		p.opened.add(1)
		if gap := float32(ts-p.lastOpen) / 1e9; p.lastOpen != 0 && gap > 0 {
			p.gaps.add(gap)
			p.sizes.add(float32(p.sent))
		}
		p.lastOpen, p.sent = ts, 0
		e.countNovelty(v, fresh)
	}
	if v.FromOrig {
		p.sent += float64(v.Meta.PayloadLen)
	}
	if v.Meta.PayloadLen > 0 && v.FromOrig || v.Opened {
		v.moved.mark(Upload, Calls)
	}
	if p.due(ts, v.Opened) {
		v.Due[Pair], v.Due[Service], v.Due[Novelty] = true, true, true
	}
}

func abs(v float32) float32 {
	if v < 0 {
		return -v
	}
	return v
}
