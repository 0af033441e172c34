package link

import (
	"math"
	"net/netip"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// Finding is a statistic that a packet has raised.
type Finding struct {
	Behavior features.Behavior
	Value    float64 // in the unit of the behavior's feature
	Subject  uint64  // key of the sender, or of the segment
	Src, Dst netip.Addr
	Peak     *features.Peak
}

// Watcher is the state of the segments. Create it with New.
type Watcher struct {
	bindings table[binding] // by VLAN and IP address
	senders  table[sender]  // by VLAN and link-layer address
	asked    table[models.Timestamp]
	segments table[segment] // by VLAN
	found    []Finding      // of the current packet
}

// binding is the link-layer address that uses an IP address. An address belongs to its user
// until that has been silent about it for boundFor.
type binding struct {
	mac  models.MAC
	last models.Timestamp // its newest claim
}

// sender is a link-layer address: what it claims and what it asks for.
type sender struct {
	own     [16]byte // first IP address that it used, as IPv6
	known   bool
	claims  float64 // decays with a half-life of a minute
	at      models.Timestamp
	probes  features.Probes
	peaks   [2]features.Peak
	alone   uint32 // DHCP clients that no other server answered
	rival   float64
	rivalTS models.Timestamp
}

// segment is a VLAN: its DHCP clients and the server that answered last.
type segment struct {
	clients    features.Probes
	peak       features.Peak
	server     uint64 // key of the sender of the newest offer
	client     models.MAC
	offeredAt  models.Timestamp
	contested  bool // another server answered the client too
	serverPeak features.Peak
}

// Sizes of the tables and times in nanoseconds.
const (
	maxBindings = 1 << 14
	maxSenders  = 1 << 13
	maxAsked    = 1 << 13
	maxSegments = 1 << 10
	askedFor    = models.Timestamp(5e9)   // a reply within this time was asked for
	boundFor    = models.Timestamp(600e9) // how long an address belongs to its last user
	offersApart = models.Timestamp(10e9)  // two offers to one client within this time compete
)

// New returns an empty Watcher.
func New() *Watcher {
	return &Watcher{bindings: newTable[binding](maxBindings), senders: newTable[sender](maxSenders),
		asked: newTable[models.Timestamp](maxAsked), segments: newTable[segment](maxSegments)}
}

// Observe updates the state with a packet that is ARP, or that states a hardware address
// (DHCP, neighbor discovery). The findings are valid until the next call.
func (w *Watcher) Observe(m *models.PacketMeta) []Finding {
	w.found = w.found[:0]
	switch {
	case m.Proto == models.ProtoARP:
		w.arp(m)
	case m.Proto == models.ProtoICMPv6 && m.HWAddr != (models.MAC{}):
		w.neighbor(m)
	case m.Proto == models.ProtoUDP && m.Msg != 0:
		w.dhcp(m)
	}
	return w.found
}

// ARP opcodes (RFC 826).
const (
	arpRequest = 1
	arpReply   = 2
)

func (w *Watcher) arp(m *models.PacketMeta) {
	if m.HWAddr == (models.MAC{}) {
		return
	}
	key, s := w.sender(m)
	gratuitous := m.Src == m.Dst || !m.Dst.IsValid()
	switch {
	case m.Msg == arpRequest && !gratuitous:
		at, _ := w.asked.get(question(m.VLAN, m.Src, m.Dst), m.TS)
		*at = m.TS
		s.probes.Try(m.TS, features.HashAddr(m.Dst))
		w.report(features.Resolved, s.probes.Failed(unansweredYet), key, m.Src, m.Dst, &s.peaks[0])
		w.claim(m, key, s, solicited)
	case m.Msg == arpReply && !gratuitous && !w.wasAsked(m):
		w.claim(m, key, s, unsolicited)
	case m.Msg == arpReply && !gratuitous:
		w.answered(m)
		w.claim(m, key, s, solicited)
	default:
		w.claim(m, key, s, announced)
	}
}

// claimKind is how much a claim counts: of the first address that the sender has used, of a
// further one, and of one that belongs to another host. Two networks on one segment have
// hosts with the same addresses, which answer when they are asked, and a capture may lack
// the requests; only a spoofer answers for others again and again without a request.
type claimKind struct{ own, further, conflict float64 }

var (
	solicited   = claimKind{}
	announced   = claimKind{0.2, 0.2, 0.5}
	unsolicited = claimKind{0.1, 1, 4.5}
	neighborly  = claimKind{0.1, 0.1, 0.1} // an advertisement may be for another address than its source
)

// unansweredYet is the number of requests that may still be answered.
const unansweredYet = 3

// neighbor handles neighbor and router advertisements.
func (w *Watcher) neighbor(m *models.PacketMeta) {
	if m.SrcPort == 134 || m.SrcPort == 136 {
		key, s := w.sender(m)
		w.claim(m, key, s, neighborly)
	}
}

// wasAsked reports whether the receiver of a reply asked for the address shortly before.
func (w *Watcher) wasAsked(m *models.PacketMeta) bool {
	at := w.asked.find(question(m.VLAN, m.Dst, m.Src))
	return at != nil && m.TS-*at < askedFor && *at-m.TS < askedFor
}

// answered counts a reply for the host that asked.
func (w *Watcher) answered(m *models.PacketMeta) {
	b := w.bindings.find(place(m.VLAN, m.Dst))
	if b == nil {
		return
	}
	if s := w.senders.find(hardware(m.VLAN, b.mac)); s != nil {
		s.probes.Accept(m.TS, features.HashAddr(m.Src))
	}
}

// claim counts a claim of the sender's address.
func (w *Watcher) claim(m *models.PacketMeta, key uint64, s *sender, kind claimKind) {
	if !m.Src.IsValid() || m.Src.IsUnspecified() {
		return
	}
	if !s.known {
		s.own, s.known = m.Src.As16(), true
	}
	weight := kind.own
	if s.own != m.Src.As16() {
		weight = kind.further
	}
	b, fresh := w.bindings.get(place(m.VLAN, m.Src), m.TS)
	if !fresh && b.mac != m.HWAddr && m.TS-b.last < boundFor {
		weight = kind.conflict
	} else {
		*b = binding{m.HWAddr, m.TS}
	}
	if dt := float64(m.TS-s.at) / 60e9; dt > 0 {
		s.claims *= math.Exp2(-dt)
		s.at = m.TS
	}
	if weight == 0 {
		return
	}
	s.claims += weight
	w.report(features.Claims, s.claims, key, netip.AddrFrom16(s.own).Unmap(), m.Dst, &s.peaks[1])
}

func (w *Watcher) sender(m *models.PacketMeta) (uint64, *sender) {
	key := hardware(m.VLAN, m.HWAddr)
	s, _ := w.senders.get(key, m.TS)
	return key, s
}

func (w *Watcher) report(b features.Behavior, value float64, subject uint64, src, dst netip.Addr, peak *features.Peak) {
	w.found = append(w.found, Finding{b, value, subject, src, dst, peak})
}

// Fields encodes or decodes the state.
func (w *Watcher) Fields(c *state.Codec) {
	w.bindings.fields(c, func(b *binding, c *state.Codec) {
		hardwareFields(c, &b.mac)
		c.I64((*int64)(&b.last))
	})
	w.senders.fields(c, (*sender).fields)
	w.asked.fields(c, func(t *models.Timestamp, c *state.Codec) { c.I64((*int64)(t)) })
	w.segments.fields(c, (*segment).fields)
}

func (s *sender) fields(c *state.Codec) {
	for i := range s.own {
		c.U8(&s.own[i])
	}
	c.Bool(&s.known)
	c.F64(&s.claims)
	c.I64((*int64)(&s.at))
	s.probes.Fields(c)
	for i := range s.peaks {
		s.peaks[i].Fields(c)
	}
	c.U32(&s.alone)
	c.F64(&s.rival)
	c.I64((*int64)(&s.rivalTS))
}

func (s *segment) fields(c *state.Codec) {
	s.clients.Fields(c)
	s.peak.Fields(c)
	c.U64(&s.server)
	hardwareFields(c, &s.client)
	c.I64((*int64)(&s.offeredAt))
	c.Bool(&s.contested)
	s.serverPeak.Fields(c)
}

func hardwareFields(c *state.Codec, m *models.MAC) {
	for i := range m {
		c.U8(&m[i])
	}
}
