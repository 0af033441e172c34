package decode

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/decode/message"
	"github.com/netlyra/netlyra/internal/models"
)

// maxHeaders bounds the number of non-IP headers of one frame (tags, labels, inner Ethernet),
// and with it the time that a hostile frame can take.
const maxHeaders = 32

// Decoder decodes frames. Use New; the zero value is not usable.
type Decoder struct {
	cfg     Config
	frags   reassembler
	refuted refuted
	hist    histogram
	events  events

	// State of the current frame. It is here, not on the stack, so that the parsers have few
	// arguments.
	p           *models.Packet
	frame       *models.Frame
	ts          models.Timestamp
	macs        linkAddrs // of the link layer around the next IP header; zero if it has none
	vlan, inner uint16    // its tags
	tunnel      models.TunnelPath
	headers     int
	wireLen     uint32 // of the frame, including the frames of earlier fragments of a completed datagram
	ipLen       uint32 // of the innermost IP packet, also if its header does not have it
	rest        msdus  // further packets of the current frame
	nameBuf     message.NameBuffer
}

// New returns a Decoder. A limit of zero in cfg disables the feature that it limits.
func New(cfg Config) *Decoder {
	d := &Decoder{cfg: cfg}
	d.frags.init(cfg)
	return d
}

// Decode decodes f into p, which then has at least one layer. If it returns an error, which is
// a Reason, p is undefined. Payloads in p are valid until the next call of Decode, and no
// longer than f.Data.
func (d *Decoder) Decode(f *models.Frame, p *models.Packet) error {
	d.frame, d.p, p.N = f, p, 0
	d.vlan, d.inner, d.tunnel, d.headers = 0, 0, 0, 0
	d.macs = linkAddrs{}
	d.wireLen = f.WireLen
	d.rest.n = 0
	d.ts = f.TS
	if d.frags.busy() {
		d.frags.begin(f.TS, &d.events)
	}
	if r := d.link(f.Link, f.Data, max(int(f.WireLen), len(f.Data))); p.N == 0 {
		return r
	}
	d.meta()
	return nil
}

// More decodes the next packet of the frame of the last Decode into p, and reports
// whether there was one. Only 802.11 A-MSDU frames have more than one.
func (d *Decoder) More(p *models.Packet) bool {
	if d.rest.n == 0 {
		return false
	}
	return d.moreMSDU(p)
}

// meta fills the PacketMeta from the innermost layer; add and the readers of messages have
// filled the fields that have no counterpart there.
func (d *Decoder) meta() {
	p, f := d.p, d.frame
	l := &p.Layers[p.N-1]
	m := &p.Meta
	m.TS = f.TS
	m.Src, m.Dst = l.Src, l.Dst
	m.SrcPort, m.DstPort = l.SrcPort, l.DstPort
	m.Proto, m.Flags, m.Dir, m.TTL = l.Proto, l.Flags, models.DirUnknown, l.TTL
	m.VLAN, m.InnerVLAN = l.VLAN, l.InnerVLAN
	if m.VLAN == 0 && p.N > 1 {
		m.VLAN, m.InnerVLAN = p.Layers[0].VLAN, p.Layers[0].InnerVLAN
	}
	// A UDP header may claim more bytes than the IP packet has.
	m.PayloadLen, m.IPLen, m.WireLen = min(l.PayloadLen, d.ipLen), d.ipLen, d.wireLen
	m.Conn, m.Tunnel, m.Iface = 0, l.Tunnel, f.Iface
	b := l.Payload
	if d.cfg.EntropyBytes > 0 && len(b) > d.cfg.EntropyBytes {
		b = b[:d.cfg.EntropyBytes]
	}
	m.Entropy = d.hist.entropy(b)
}

// enter counts a link-layer header and reports whether the limit allows it.
func (d *Decoder) enter() bool {
	d.headers++
	return d.headers <= maxHeaders
}

// content is the type of the payload of a tunnel: one of the constants below, or an
// EtherType.
type content uint32

const (
	asIP content = 1<<16 + iota
	asEthernet
	asPPP
	asWLAN
	asMPLS
)

// contentOf returns the content for an EtherType; for an unknown one it is IP, and the version
// decides, as in Zeek.
func contentOf(etherType uint16) content {
	switch {
	case etherType == etherTEB:
		return asEthernet
	case knownEtherType(etherType):
		return content(etherType)
	}
	return asIP
}

// into decodes the payload b of a tunnel of the given kind, which had wire bytes on the wire.
func (d *Decoder) into(kind models.TunnelKind, c content, b []byte, wire int) Reason {
	path, fits := d.tunnel.Push(kind)
	if !fits || path.Len() > d.cfg.MaxTunnels {
		d.events.skipInner(TooManyTunnels)
		return TooManyTunnels
	}
	tunnel, vlan, inner, macs := d.tunnel, d.vlan, d.inner, d.macs
	d.tunnel, d.vlan, d.inner, d.macs = path, 0, 0, linkAddrs{}
	r := d.inside(c, b, wire)
	d.tunnel, d.vlan, d.inner, d.macs = tunnel, vlan, inner, macs
	if r != ok {
		d.events.skipInner(r)
	}
	return r
}

// inside decodes b as content c.
func (d *Decoder) inside(c content, b []byte, wire int) Reason {
	switch c {
	case asIP:
		return d.ip(b, wire)
	case asEthernet:
		return d.ethernet(b, wire)
	case asPPP:
		return d.ppp(b, wire)
	case asWLAN:
		return d.wlan(b, wire)
	case asMPLS:
		return d.mpls(b, wire)
	}
	return d.etherType(uint16(c), b, wire)
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
