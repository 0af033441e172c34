package wire

import (
	"bytes"
	"net/netip"
	"unsafe"

	"github.com/netlyra/netlyra/internal/models"
)

// ParsePacket parses one JSON object of netlyra.packets and overwrites m. It accepts any
// valid JSON object: fields in any order, escapes, white space, unknown fields (skipped),
// whole numbers written as 443.0 or 4.43e2, entropy with any number of decimals. ts and proto
// are required, and src_ip and dst_ip unless the protocol is one of the link layer; other
// absent fields are zero. The output of AppendPacket is parsed in one pass without allocating.
//
// The error names the field at fault; m is then undefined. It does not keep b.
func ParsePacket(b []byte, m *models.PacketMeta) error {
	iface := m.Iface // usually the same as in the previous packet
	*m = models.PacketMeta{}
	if parseCanonicalPacket(b, m, iface) {
		return nil
	}
	*m = models.PacketMeta{}
	return parseAnyPacket(b, m)
}

// parseCanonical parses exactly the form that AppendPacket writes; false means
// another form, not that the input is invalid.
func parseCanonicalPacket(b []byte, m *models.PacketMeta, iface string) bool {
	c := cursor{b: b}
	var err error
	if !c.lit(`{"ts":"`) {
		return false
	}
	if m.TS, err = models.ParseTimestamp(c.text()); err != nil {
		return false
	}
	if c.lit(`,"src_ip":"`) && !addr(&m.Src, c.text()) ||
		c.lit(`,"dst_ip":"`) && !addr(&m.Dst, c.text()) ||
		!c.lit(`,"src_port":`) || !small(&c, &m.SrcPort, 1<<16) ||
		!c.lit(`,"dst_port":`) || !small(&c, &m.DstPort, 1<<16) ||
		!c.lit(`,"proto":"`) || !proto(&m.Proto, c.text()) ||
		!c.lit(`,"payload_len":`) || !small(&c, &m.PayloadLen, 1<<32) ||
		!m.Proto.IsLink() && !(m.Src.IsValid() && m.Dst.IsValid()) {
		return false
	}
	if m.Proto == models.ProtoTCP {
		if !c.lit(`,"tcp_flags":"`) {
			return false
		}
		var ok bool
		if m.Flags, ok = flags(c.text()); !ok {
			return false
		}
	}
	return c.lit(`,"entropy":`) && c.hundredths(&m.Entropy) && parseOptional(&c, m, iface)
}

func parseOptional(c *cursor, m *models.PacketMeta, iface string) bool {
	if c.lit(`,"wire_len":`) && !small(c, &m.WireLen, 1<<32) ||
		c.lit(`,"ip_len":`) && !small(c, &m.IPLen, 1<<32) {
		return false
	}
	switch {
	case c.lit(`,"orig":true`):
		m.Dir = models.DirOrig
	case c.lit(`,"orig":false`):
		m.Dir = models.DirResp
	}
	if c.lit(`,"conn":"`) {
		var err error
		if m.Conn, err = models.ParseConnID(c.text()); err != nil {
			return false
		}
	}
	if c.lit(`,"vlan":`) && !small(c, &m.VLAN, 1<<12) ||
		c.lit(`,"inner_vlan":`) && !small(c, &m.InnerVLAN, 1<<12) ||
		c.lit(`,"tunnel":[`) && !c.tunnel(&m.Tunnel) ||
		c.lit(`,"ttl":`) && !small(c, &m.TTL, 1<<8) {
		return false
	}
	if c.lit(`,"iface":"`) {
		switch s := c.text(); {
		case !plain(s):
			return false
		case string(s) == iface:
			m.Iface = iface
		default:
			m.Iface = internIface(s)
		}
	}
	return parseLink(c, m) && c.i == len(c.b)-1 && c.b[c.i] == '}'
}

// parseLink parses the fields of the link layer and the name.
func parseLink(c *cursor, m *models.PacketMeta) bool {
	return !(c.lit(`,"src_mac":"`) && !mac(&m.SrcMAC, c.text()) ||
		c.lit(`,"dst_mac":"`) && !mac(&m.DstMAC, c.text()) ||
		c.lit(`,"hw_addr":"`) && !mac(&m.HWAddr, c.text()) ||
		c.lit(`,"msg":`) && !small(c, &m.Msg, 1<<8) ||
		c.lit(`,"name":{`) && !c.name(&m.Name))
}

func mac(a *models.MAC, s []byte) (ok bool) {
	*a, ok = models.ParseMAC(s)
	return ok
}

// cursor is a position in an object of the form that AppendPacket writes.
type cursor struct {
	b []byte
	i int
}

// lit skips s if it is next.
func (c *cursor) lit(s string) bool {
	if len(c.b)-c.i < len(s) || string(c.b[c.i:c.i+len(s)]) != s {
		return false
	}
	c.i += len(s)
	return true
}

// text returns the bytes up to the next quotation mark and skips that. Callers reject text
// that is not plain ASCII: escapes, control characters, other characters.
func (c *cursor) text() []byte {
	n := bytes.IndexByte(c.b[c.i:], '"')
	if n < 0 {
		c.i = len(c.b) // nothing matches after this
		return nil
	}
	s := c.b[c.i : c.i+n]
	c.i += n + 1
	return s
}

// plain reports whether s is printable ASCII without escapes.
func plain(s []byte) bool {
	for _, ch := range s {
		if ch < ' ' || ch > '~' || ch == '\\' {
			return false
		}
	}
	return true
}

// number parses a whole number below limit, without sign or leading zeros.
func (c *cursor) number(limit uint64) (n uint64, ok bool) {
	b := c.b[c.i:]
	digits := 0
	for digits < len(b) && digits < 11 {
		d := b[digits] - '0'
		if d > 9 {
			break
		}
		n = n*10 + uint64(d)
		digits++
	}
	c.i += digits
	return n, digits > 0 && n < limit && (digits == 1 || b[0] != '0')
}

func small[T uint8 | uint16 | uint32](c *cursor, v *T, limit uint64) bool {
	n, ok := c.number(limit)
	*v = T(n)
	return ok
}

// hundredths parses 0…8 with at most two decimals.
func (c *cursor) hundredths(v *uint16) bool {
	n, ok := c.number(9)
	n *= 100
	if c.lit(".") {
		d := 0
		for c.i < len(c.b) && c.b[c.i]-'0' <= 9 {
			if d == 2 {
				return false
			}
			digit := uint64(c.b[c.i] - '0')
			if d == 0 {
				digit *= 10
			}
			n += digit
			c.i++
			d++
		}
		ok = ok && d > 0
	}
	*v = uint16(n)
	return ok && n <= models.MaxEntropy
}

func (c *cursor) tunnel(p *models.TunnelPath) bool {
	for c.lit(`"`) {
		k, ok := models.ParseTunnelKind(c.text())
		if !ok {
			return false
		}
		if *p, ok = p.Push(k); !ok {
			return false
		}
		if c.lit("]") {
			return true
		}
		if !c.lit(",") {
			return false
		}
	}
	return false
}

func proto(p *models.Proto, s []byte) bool {
	switch string(s) {
	case "TCP":
		*p = models.ProtoTCP
	case "UDP":
		*p = models.ProtoUDP
	default:
		v, ok := models.ParseProto(view(s))
		*p = v
		return ok
	}
	return true
}

// flags parses the flags of nearly all packets without a search.
func flags(s []byte) (models.TCPFlags, bool) {
	switch string(s) {
	case "ACK":
		return models.FlagACK, true
	case "ACK,PSH":
		return models.FlagACK | models.FlagPSH, true
	case "SYN":
		return models.FlagSYN, true
	case "ACK,SYN":
		return models.FlagACK | models.FlagSYN, true
	}
	return models.ParseTCPFlags(s)
}

// addr parses an IPv4 or IPv6 address without zone.
func addr(a *netip.Addr, s []byte) bool {
	if v4, ok := parse4(s); ok {
		*a = netip.AddrFrom4(v4)
		return true
	}
	v, err := netip.ParseAddr(view(s)) // the error refers to s and must not escape
	*a = v
	return err == nil && v.Zone() == ""
}

// parse4 parses a dotted quad without leading zeros.
func parse4(s []byte) (a [4]byte, ok bool) {
	if len(s) < 7 || len(s) > 15 {
		return a, false
	}
	part, digits, n := 0, 0, uint(0)
	for _, ch := range s {
		switch d := ch - '0'; {
		case d <= 9:
			if digits > 0 && n == 0 {
				return a, false
			}
			if n = n*10 + uint(d); n > 255 {
				return a, false
			}
			digits++
		case ch == '.' && digits > 0 && part < 3:
			a[part] = byte(n)
			part++
			digits, n = 0, 0
		default:
			return a, false
		}
	}
	a[3] = byte(n)
	return a, part == 3 && digits > 0
}

// view returns s as a string without a copy, for functions that do not keep it.
func view(s []byte) string { return unsafe.String(unsafe.SliceData(s), len(s)) }
