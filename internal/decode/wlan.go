package decode

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// radiotap skips the radiotap header (https://www.radiotap.org) of an 802.11 frame.
func (d *Decoder) radiotap(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	n := int(binary.LittleEndian.Uint16(b[2:]))
	if n < 8 || n > wire {
		return BadLinkLength
	}
	if n > len(b) {
		return TruncatedLink
	}
	return d.wlan(b[n:], wire-n)
}

// Bits of the frame control field (IEEE 802.11-2020 section 9.2.4.1).
const (
	wlanToFrom    = 0x03 // both: a fourth address
	wlanProtected = 0x40
	wlanOrder     = 0x80
	wlanNoData    = 0x40 // of the subtype
	wlanQoS       = 0x80
)

// wlan decodes an 802.11 data frame.
func (d *Decoder) wlan(b []byte, wire int) Reason {
	if len(b) < 24 {
		return TruncatedLink
	}
	if b[0]>>2&3 != 2 || b[0]&wlanNoData != 0 {
		return NotDataFrame
	}
	if b[1]&wlanProtected != 0 {
		return ProtectedFrame
	}
	n := 24
	if b[1]&wlanToFrom == wlanToFrom {
		n += 6
	}
	aggregate := false
	if b[0]&wlanQoS != 0 {
		if len(b) < n+2 {
			return TruncatedLink
		}
		aggregate = b[n]&0x80 != 0
		n += 2
		if b[1]&wlanOrder != 0 && !isSNAP(b, n) {
			n += 4 // HT control
		}
	}
	if len(b) < n {
		return TruncatedLink
	}
	d.macs = wlanAddrs(b)
	if aggregate {
		return d.msdus(b[n:], wire-n)
	}
	if !isSNAP(b, n) && n%4 == 2 && isSNAP(b, n+2) {
		n += 2 // some drivers pad the header to a multiple of four
	}
	return d.llc(b[n:], wire-n)
}

// wlanAddrs returns the addresses of the ends, which are in places that the direction to and
// from the access point determines (IEEE 802.11-2020 table 9-30). b has the whole header.
func wlanAddrs(b []byte) linkAddrs {
	dst, src := b[4:10], b[10:16]
	switch b[1] & wlanToFrom {
	case 1: // to the access point
		dst = b[16:22]
	case 2: // from it
		src = b[16:22]
	case 3: // between access points
		dst, src = b[16:22], b[24:30]
	}
	return linkAddrs{dst: models.MAC(dst), src: models.MAC(src)}
}

// isSNAP reports whether an LLC header with SNAP is at b[n:].
func isSNAP(b []byte, n int) bool {
	return len(b) >= n+3 && b[n] == 0xaa && b[n+1] == 0xaa && b[n+2] == 0x03
}

// maxMSDUs is the maximum number of packets in one frame: an A-MSDU has at most 11454 bytes,
// and a subframe with LLC and IP headers at least 46.
const maxMSDUs = 11454 / 46

// msdus are the packets of an A-MSDU that More has not yielded yet.
type msdus struct {
	b           []byte
	wire        int
	n           int // maximum number of remaining packets
	vlan, inner uint16
	tunnel      models.TunnelPath
}

// msdus decodes the first packet of an A-MSDU (IEEE 802.11-2020 section 9.3.2.2) and stores
// the others for More.
func (d *Decoder) msdus(b []byte, wire int) Reason {
	d.rest = msdus{b: b, wire: wire, n: maxMSDUs, vlan: d.vlan, inner: d.inner, tunnel: d.tunnel}
	return d.nextMSDU()
}

// nextMSDU decodes the next IP packet.
func (d *Decoder) nextMSDU() Reason {
	r, before := NotIP, d.p.N
	for d.rest.n > 0 && d.p.N == before {
		d.rest.n--
		b := d.rest.b
		if len(b) < 14 {
			d.rest.n = 0
			return TruncatedLink
		}
		d.macs.read(b)
		n := int(be16(b[12:]))
		if n > len(b)-14 { // the rest was not captured
			d.rest.n = 0
			if n > d.rest.wire-14 {
				return TruncatedLink
			}
			return d.llc(b[14:], n)
		}
		d.skipMSDU(14 + n)
		r = d.llc(b[14:14+n], n)
	}
	return r
}

// skipMSDU moves to the next subframe, after n bytes and padding to four. Some stations pad
// differently or not at all: if there is no LLC header at the standard position, it uses the
// first other position that has one.
func (d *Decoder) skipMSDU(n int) {
	pad := -n & 3
	b := d.rest.b[n:]
	for other := 0; other < 4 && !isSNAP(b, pad+14); other++ {
		if isSNAP(b, other+14) {
			pad = other
		}
	}
	pad = min(pad, len(b))
	d.rest.b, d.rest.wire = b[pad:], d.rest.wire-n-pad
	if len(d.rest.b) < 14 {
		d.rest.n = 0
	}
}

// moreMSDU decodes the next packet of the current A-MSDU into p, without the layers of outer
// tunnels, which were part of the first packet.
func (d *Decoder) moreMSDU(p *models.Packet) bool {
	d.p, p.N = p, 0
	d.vlan, d.inner, d.tunnel, d.headers = d.rest.vlan, d.rest.inner, d.rest.tunnel, 0
	d.wireLen = 0 // the frame was counted with its first packet
	d.nextMSDU()
	if p.N == 0 {
		return false
	}
	d.meta()
	return true
}
