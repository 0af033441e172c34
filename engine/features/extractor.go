package features

import (
	"fmt"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// Config bounds the tables; each is rounded up to sets of eight, a power of two.
type Config struct {
	Connections int
	Sources     int
	Targets     int
	Pairs       int
	Services    int
}

// DefaultConfig needs about 20 MB.
func DefaultConfig() Config {
	return Config{Connections: 1 << 16, Sources: 1 << 13, Targets: 1 << 13, Pairs: 1 << 15, Services: 1 << 12}
}

// Validate names the first field that is out of range.
func (c Config) Validate() error {
	for _, f := range []struct {
		name string
		v    int
	}{{"Connections", c.Connections}, {"Sources", c.Sources}, {"Targets", c.Targets}, {"Pairs", c.Pairs}, {"Services", c.Services}} {
		if f.v < 8 || f.v > 1<<24 {
			return fmt.Errorf("features: %s is %d, want 8…%d", f.name, f.v, 1<<24)
		}
	}
	return nil
}

// Extractor keeps what is known of connections and hosts. Make it with New.
type Extractor struct {
	cfg      Config
	conns    sets[conn]
	sources  sets[source]
	targets  sets[target]
	pairs    sets[pair]
	services sets[service]
	clients  sets[struct{}] // source and service
	census   census
	view     View
}

// New makes the tables.
func New(cfg Config) (*Extractor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Extractor{cfg: cfg, conns: newSets[conn](cfg.Connections), sources: newSets[source](cfg.Sources),
		targets: newSets[target](cfg.Targets), pairs: newSets[pair](cfg.Pairs), services: newSets[service](cfg.Services),
		clients: newSets[struct{}](cfg.Pairs), census: newCensus()}, nil
}

// View is what one packet touched. It is valid until the next call of Observe.
type View struct {
	Meta       *models.PacketMeta
	FromOrig   bool   // the packet's sender is the originator
	Opened     bool   // the packet opened a connection
	SourceKey  uint64 // hash of the originator's address
	TargetKey  uint64 // hash of the responder's address
	Due        [Groups]bool
	conn       *conn
	source     *source
	target     *target
	pair       *pair
	service    *service
	of         *Extractor
	gap        int64 // since the packet before in the connection, -1 for the first
	answeredBy bool
	newSource  bool
	refused    bool // first RST of a connection without answer
}

// MayTeachOdd tells whether the packet's source and destination may teach something odd
// at a scale, which each may but once in every nanoseconds.
func (v *View) MayTeachOdd(s Scale, every int64) bool {
	ts, a, b := int64(v.Meta.TS), &v.source.odd[s], &v.target.odd[s]
	if near(ts, *a, every) || near(ts, *b, every) {
		return false
	}
	*a, *b = ts, ts
	return true
}

// near reports whether a is set and less than span away from ts.
func near(ts, a, span int64) bool { return a != 0 && ts-a < span && ts-a > -span }

// Source is the originator's address.
func (v *View) Source() netip.Addr {
	if v.FromOrig {
		return v.Meta.Src
	}
	return v.Meta.Dst
}

// Target is the responder's address.
func (v *View) Target() netip.Addr {
	if v.FromOrig {
		return v.Meta.Dst
	}
	return v.Meta.Src
}

// ServicePort is the responder's port; of ICMP the type.
func (v *View) ServicePort() uint16 {
	if v.FromOrig && !isICMP(v.Meta.Proto) {
		return v.Meta.DstPort
	}
	return v.Meta.SrcPort
}

// Tail is where the engine keeps the tail of the entry that g looks at; nil for Packet.
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

// Share is the share of what the two hosts offer at a scale that should be learned,
// so that each teaches about rate points a second; asking counts as an offer.
func (v *View) Share(s Scale, rate float32) float32 {
	ts := int64(v.Meta.TS)
	return min(v.source.learn[s].Share(ts, rate), v.target.learn[s].Share(ts, rate))
}

// Observe takes a packet in and says what it touched and which groups are to be
// evaluated.
func (e *Extractor) Observe(m *models.PacketMeta) *View {
	v, ends, ts := &e.view, endsOf(m), int64(m.TS)
	*v = View{Meta: m, of: e}
	e.observeConn(v, ends, ts)
	v.FromOrig = ends.side == v.conn.orig
	v.SourceKey, v.TargetKey = ends.src, ends.dst
	if !v.FromOrig {
		v.SourceKey, v.TargetKey = ends.dst, ends.src
	}
	e.observeSource(v, ts)
	e.observeTarget(v, ts)
	e.observePair(v, ts)
	v.Due[Packet] = true
	return v
}

// idleAfter is how long a connection without an id lasts without packets.
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
		if !senderBegan(m) {
			c.orig ^= 1
		}
		c.due = 1
	} else if m.Dir != models.DirUnknown { // who knows better is believed
		if c.orig = ends.side; m.Dir == models.DirResp {
			c.orig ^= 1
		}
	}
	if icmpError(m) { // an answer to whoever is told, though Zeek has it begin a connection
		c.orig = ends.side ^ 1
	}
	v.Opened, v.conn = fresh, c
	fromOrig := ends.side == c.orig
	if fresh && m.Proto == models.ProtoTCP && m.Flags.Has(models.FlagACK) && m.PayloadLen > 0 {
		c.answered, v.answeredBy = true, true // it began before we looked
	}
	rst := m.Flags&models.FlagRST != 0 && m.Proto == models.ProtoTCP
	if !fromOrig && !rst && !c.answered && !icmpError(m) {
		c.answered, v.answeredBy = true, true
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

// size is what a packet weighs in byte rates.
func size(m *models.PacketMeta) float32 {
	switch {
	case m.WireLen > 0:
		return float32(m.WireLen)
	case m.IPLen > 0:
		return float32(m.IPLen)
	}
	return float32(m.PayloadLen)
}

func (e *Extractor) observeSource(v *View, ts int64) {
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
	if v.answeredBy {
		s.answered.add(1)
	}
	s.waiting.count(v, f)
	if v.Opened {
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
}

func (e *Extractor) observeTarget(v *View, ts int64) {
	t, fresh := e.targets.get(v.TargetKey)
	v.target = t
	f := fadeFor(t.move(ts, fresh))
	t.packets.fade(f)
	t.opened.fade(f)
	t.answered.fade(f)
	t.votes *= f[mid60]
	t.waiting.count(v, f)
	if v.FromOrig {
		t.packets.add(1)
	}
	if v.answeredBy {
		t.answered.add(1)
	}
	if v.Opened {
		t.opened.add(1)
		t.sources.turn(ts, 60*second)
		t.ports.turn(ts, 60*second)
		t.sources.add(v.SourceKey)
		t.vote(v.SourceKey)
		t.ports.add(mix(uint64(v.ServicePort()), uint64(v.Meta.Proto)))
	}
	v.Due[Target] = (v.FromOrig || v.Opened) && t.due(ts, v.Opened)
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
	if payload := float32(v.Meta.PayloadLen); v.FromOrig {
		p.up.add(payload)
		if payload > 0 {
			p.filled.add(1)
			p.entropy.add(float32(v.Meta.Entropy) / 100)
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
		e.count(v, fresh)
	}
	if v.FromOrig {
		p.sent += float64(v.Meta.PayloadLen)
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

// vote counts a connection for a source (the majority vote of Boyer and Moore, fading):
// whoever opens more than half of the connections of late ends up on top.
func (t *target) vote(source uint64) {
	switch {
	case source == t.top:
		t.votes++
	case t.votes < 1:
		t.top, t.votes = source, 1
	default:
		t.votes--
	}
}

// ruled reports whether one source opened far more than the others together.
func (t *target) ruled() bool { return t.votes > 0.3*t.opened[mid60] }

// Blames reports whether what is odd about the destination may be laid on the packet's
// source: it rules, or nobody does, its connection is not answered, and much is being opened. Those who have
// long been talking with the destination have no part in it.
func (v *View) Blames() bool {
	if v.target.ruled() {
		return v.target.top == v.SourceKey
	}
	return !v.conn.answered && v.target.opened[short4] > 0.03*v.target.opened[mid60]
}

// OneOfMany reports whether the packet's source is one of several that are not known for
// anything else and turn to the destination at once, unanswered: addresses that somebody
// made up, or a botnet.
func (v *View) OneOfMany() bool {
	s, t := v.source, v.target
	return s.opened[long960] < 3 && !v.conn.answered && t.opened[short4] >= 4 && !t.ruled() && t.sources.estimate() >= 4
}

// Crowd reports whether many sources together do what is done to the destination, so
// that none of them alone is to be named.
func (v *View) Crowd() bool { return !v.target.ruled() && v.target.sources.estimate() >= 8 }
