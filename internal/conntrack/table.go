package conntrack

import (
	"math/rand/v2"

	"github.com/netlyra/netlyra/internal/conntrack/index"
	"github.com/netlyra/netlyra/internal/conntrack/service"
	"github.com/netlyra/netlyra/internal/conntrack/talkers"
	"github.com/netlyra/netlyra/internal/conntrack/tuple"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// Table tracks connections. Use New.
type Table struct {
	cfg  Config
	sink Sink
	seed uint64 // of the index, against constructed collisions

	index index.Index
	slab  slab
	rares rarePool
	names namePool
	wheel wheel

	weakHead, weakTail uint32
	count              int
	newest             int64 // latest event time seen

	stats     Stats
	talkers   talkers.Table
	protocols [models.Protos]uint64
	out       models.Connection
	fireFn    func(uint32)
	lastEnded models.ConnID
	behind    int // packets in a row that are far behind the newest
	pending   map[uint32]*pending
	heard     models.NameFacts // of the current layer, if it completes a hello
}

// New returns an empty table that reports its connections to sink, which may be nil.
func New(cfg Config, sink Sink) *Table {
	t := &Table{cfg: cfg, sink: sink, seed: rand.Uint64(), newest: minTime, pending: map[uint32]*pending{},
		index: index.New(), talkers: talkers.New(int64(cfg.TalkerWindow))}
	t.wheel.tick = tickOf(minTime)
	t.fireFn = func(ref uint32) { t.fire(ref, t.newest) }
	return t
}

const minTime = -1 << 62

// Track processes a packet. It sets connection and direction of each layer, and those of the
// innermost in Meta. Connections that time out before the packet end first.
func (t *Table) Track(p *models.Packet) {
	ts := int64(p.Meta.TS)
	t.stats.Packets++
	t.clock(ts)
	var parent models.ConnID
	for i := range p.N {
		l := &p.Layers[i]
		l.Conn, l.Dir = 0, models.DirUnknown
		t.heard.Kind = models.NameNone
		if l.Proto.IsLink() { // it has no connection
			continue
		}
		t.layer(l, ts, parent, carried(p, i))
		if l.Conn != 0 {
			parent = l.Conn
		}
	}
	if t.heard.Kind != models.NameNone {
		p.Meta.Name = t.heard
	}
	in := p.Inner()
	p.Meta.Conn, p.Meta.Dir = in.Conn, in.Dir
	t.protocols[in.Proto] += uint64(p.Meta.WireLen)
	if !in.Proto.IsLink() {
		t.talkers.Count(ts, in.Src, in.Dst, uint64(p.Meta.WireLen))
	}
}

// Advance advances event time without a packet.
func (t *Table) Advance(ts models.Timestamp) { t.clock(int64(ts)) }

// Flush ends all connections, the oldest first. Call it at the end of the input.
func (t *Table) Flush() {
	for _, ref := range t.byAge() {
		t.end(ref, memory.ConnOnFinish)
	}
}

// layer processes one IP packet.
func (t *Table) layer(l *models.Layer, ts int64, parent models.ConnID, carries service.ID) {
	t.stats.Layers++
	headless := l.Truncated && headerLies(l)
	if l.Fragment || l.Truncated && !headless {
		t.stats.Untracked++
		return
	}
	sport, dport, oneWay := l.SrcPort, l.DstPort, false
	if l.Proto == models.ProtoICMP || l.Proto == models.ProtoICMPv6 {
		dport, oneWay = tuple.Counterpart(l.Proto, l.SrcPort, l.DstPort)
	}
	k, fromB := tuple.MakeKey(l.Src, l.Dst, sport, dport, l.Proto, oneWay)
	h := k.Hash(t.seed)
	ref, found := t.find(&k, uint32(h))
	if found && t.over(ref, fromB, l, ts) {
		found = false
	}
	if !found {
		if !t.room() {
			return
		}
		ref = t.begin(&k, uint32(h), fromB, l, ts, parent)
	}
	c := t.slab.conn(ref)
	if carries != service.None && !c.has(flagHeard) {
		t.slab.coldOf(ref).service.Known(carries)
		c.flags |= flagHeard
	}
	if headless {
		t.bare(ref, c, ts, found)
		return
	}
	from := c.role(fromB)
	l.Conn, l.Dir = c.id, models.DirOrig+models.Direction(from)
	t.packet(ref, c, from, l, ts, found)
}

// headerLies reports a TCP segment with an impossible header length: only its ports and
// flags are known. A segment that ends before its flags has none.
func headerLies(l *models.Layer) bool {
	return l.Proto == models.ProtoTCP && l.Flags != 0
}

// bare processes a packet that is not counted but begins a connection if there is none, as
// in Zeek.
func (t *Table) bare(ref uint32, c *conn, ts int64, known bool) {
	t.stats.Untracked++
	if known {
		return
	}
	t.rearm(ref, c, max(ts, t.newest))
	if !t.cfg.EndsOnly {
		t.report(ref, c, EventNew, ts)
	}
}

// carried returns the tunnel service of layer i of p, if that is a datagram that carries the
// next layer.
func carried(p *models.Packet, i int) service.ID {
	if i+1 >= p.N || p.Layers[i].Proto != models.ProtoUDP || p.Layers[i+1].Proto.IsLink() {
		return service.None
	}
	path := p.Layers[i+1].Tunnel
	if path == 0 {
		return service.None
	}
	switch path.At(path.Len() - 1) {
	case models.TunnelVXLAN:
		return service.VXLAN
	case models.TunnelGeneve:
		return service.Geneve
	case models.TunnelGTPU:
		return service.GTP
	case models.TunnelTeredo:
		return service.Teredo
	case models.TunnelAYIYA:
		return service.AYIYA
	}
	return service.None
}

// find looks up a connection.
func (t *Table) find(k *tuple.Key, tag uint32) (ref uint32, found bool) {
	x := &t.index
	for i := tag & x.Mask; ; i = (i + 1) & x.Mask {
		p := x.Places[i]
		if p.Ref == 0 {
			return 0, false
		}
		if p.Tag == tag && t.slab.conn(p.Ref-1).key.Same(k) {
			return p.Ref - 1, true
		}
	}
}

// over ends a known connection that timed out before this packet or whose tuple the packet
// reuses, and reports whether it did.
func (t *Table) over(ref uint32, fromB bool, l *models.Layer, ts int64) bool {
	c := t.slab.conn(ref)
	if ts >= c.deadline && t.fire(ref, ts) {
		return true
	}
	if l.Proto == models.ProtoTCP && l.Flags.Has(models.FlagSYN) && !l.Truncated && c.reused(c.role(fromB), l) {
		t.stats.Reused++
		t.end(ref, memory.ConnOnTimeout)
		return true
	}
	return false
}

// reused reports whether a SYN by role from begins a new connection with the same tuple.
func (c *conn) reused(from int, l *models.Layer) bool {
	o, r := &c.end[orig], &c.end[resp]
	starter := o
	if l.Flags.Has(models.FlagACK) {
		if o.state != memory.TCPInactive {
			return false // only if the first SYN was missed
		}
		starter = r
	}
	closed := (o.bits|r.bits)&endClosed != 0
	sender := &c.end[from]
	same := l.Seq == starter.startSeq || l.Seq == sender.startSeq && sender.state != memory.TCPInactive
	if same && (!closed || c.conversed()) {
		return false // retransmitted or late
	}
	if closed {
		return true
	}
	swapped := !l.Flags.Has(models.FlagACK) && starter.state == memory.TCPSynAckSent &&
		r.state == memory.TCPInactive && l.Seq == r.startSeq
	return !swapped
}

// conversed reports whether the connection was more than a rejected attempt. Some clients
// retry after a rejection with the same sequence number.
func (c *conn) conversed() bool {
	rejected := func(e *endpoint) bool { return e.state == memory.TCPReset && handshaking(e.prev) }
	return !rejected(&c.end[orig]) && !rejected(&c.end[resp])
}

// begin creates the record of a connection whose first packet is l.
func (t *Table) begin(k *tuple.Key, tag uint32, fromB bool, l *models.Layer, ts int64, parent models.ConnID) uint32 {
	ref := t.slab.take()
	c := t.slab.conn(ref)
	*c = conn{key: *k, first: ts, last: ts, tag: tag, flags: flagActive, deadline: ts}
	*t.slab.coldOf(ref) = cold{reportedAt: ts, parent: parent, tunnel: l.Tunnel, vlan: l.VLAN, inner: l.InnerVLAN}
	if c.id = tuple.ConnID(k, l.Tunnel, ts); c.id == t.lastEnded {
		c.id++ // its tuple was reused at the same time
	}
	if fromB {
		c.flags |= flagOrigIsB
	}
	if k.Proto == models.ProtoTCP {
		c.bytes = [2]uint64{1, 1}
		c.end[orig].trimSeq, c.end[resp].trimSeq = 1, 1
	}
	if tuple.FromResponder(l) {
		t.flip(ref, c)
	}
	t.index.Insert(tag, ref)
	t.count++
	t.stats.Begun++
	t.weaken(ref, c)
	return ref
}

// flip swaps the roles and records that in the history.
func (t *Table) flip(ref uint32, c *conn) {
	c.flip()
	if k := t.slab.coldOf(ref); k.rare != 0 {
		j := &t.rares.at(k.rare).jumps
		j[orig], j[resp] = j[resp], j[orig]
	}
	t.letter(ref, c, '^', orig)
}

// end reports a connection for the last time and removes it.
func (t *Table) end(ref uint32, ev memory.Event) {
	c := t.slab.conn(ref)
	c.setPhase(ev)
	t.report(ref, c, EventEnd, t.newest)
	t.lastEnded = c.id
	t.stats.Ended++
	t.wheel.unlink(&t.slab, ref)
	t.strengthen(c)
	t.index.Remove(c.tag, ref)
	k := t.slab.coldOf(ref)
	t.rares.give(k.rare)
	t.names.give(k.heard)
	if c.has(flagHello) {
		delete(t.pending, ref)
	}
	t.slab.give(ref)
	t.count--
}

// report calls the sink.
func (t *Table) report(ref uint32, c *conn, ev Event, now int64) {
	c.flags &^= flagDirty
	t.slab.coldOf(ref).reportedAt = now
	if t.sink == nil || t.cfg.EndsOnly && ev != EventEnd {
		return
	}
	c.lastState = t.connState(ref, c)
	t.record(ref, c, &t.out)
	t.sink.Connection(&t.out, ev)
}
