package decode

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// maxHeaders bounds the headers of one frame that are not IP (tags, labels, inner
// Ethernet), and so the time that a hostile frame can cost.
const maxHeaders = 32

// Decoder decodes frames. Its zero value is not usable; New makes one.
type Decoder struct {
	cfg     Config
	frags   reassembler
	refuted refuted
	hist    histogram
	events  events

	// State of the frame at hand. It lives here, not on the stack, so that the parsers
	// call each other with few arguments.
	p           *models.Packet
	frame       *models.Frame
	ts          models.Timestamp
	vlan, inner uint16 // tags of the link layer around the next IP header
	tunnel      models.TunnelPath
	headers     int
	wireLen     uint32 // of the frame, with the frames of the fragments that it completes
	ipLen       uint32 // of the innermost IP packet, also where its header leaves it open
	rest        msdus  // further packets of the frame
}

// New makes a Decoder. A limit of zero in cfg turns off what it limits.
func New(cfg Config) *Decoder {
	d := &Decoder{cfg: cfg}
	d.frags.init(cfg)
	return d
}

// Decode reads f into p. It returns nil and at least one layer, or a Reason; p is then
// undefined. What p refers to (payloads) is valid until the next call of Decode, and
// as long as f.Data is.
func (d *Decoder) Decode(f *models.Frame, p *models.Packet) error {
	d.frame, d.p, p.N = f, p, 0
	d.vlan, d.inner, d.tunnel, d.headers = 0, 0, 0, 0
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

// meta fills in the PacketMeta of the innermost layer.
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
	// A UDP header may claim more than there is; what a packet brought is not hearsay.
	m.PayloadLen, m.IPLen, m.WireLen = min(l.PayloadLen, d.ipLen), d.ipLen, d.wireLen
	m.Conn, m.Tunnel, m.Iface = 0, l.Tunnel, f.Iface
	b := l.Payload
	if d.cfg.EntropyBytes > 0 && len(b) > d.cfg.EntropyBytes {
		b = b[:d.cfg.EntropyBytes]
	}
	m.Entropy = d.hist.entropy(b)
}

// enter counts one more header that is not IP.
func (d *Decoder) enter() bool {
	d.headers++
	return d.headers <= maxHeaders
}

// content says how what a tunnel carries is read: as one of the constants below, or, of
// other values, as what follows the EtherType of that number.
type content uint32

const (
	asIP content = 1<<16 + iota
	asEthernet
	asPPP
	asWLAN
	asMPLS
)

// contentOf is the content that an EtherType announces, IP where it is none that
// leads to IP: the version then decides, as in Zeek.
func contentOf(etherType uint16) content {
	switch {
	case etherType == etherTEB:
		return asEthernet
	case knownEtherType(etherType):
		return content(etherType)
	}
	return asIP
}

// into decodes what a tunnel of the given kind carries: b, wire bytes long on the wire.
func (d *Decoder) into(kind models.TunnelKind, c content, b []byte, wire int) Reason {
	path, fits := d.tunnel.Push(kind)
	if !fits || path.Len() > d.cfg.MaxTunnels {
		d.events.skipInner(TooManyTunnels)
		return TooManyTunnels
	}
	tunnel, vlan, inner := d.tunnel, d.vlan, d.inner
	d.tunnel, d.vlan, d.inner = path, 0, 0
	r := d.inside(c, b, wire)
	d.tunnel, d.vlan, d.inner = tunnel, vlan, inner
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
