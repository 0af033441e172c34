package wire

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// AppendPacket appends m as the JSON object of netlyra.packets (docs/api.md,
// docs/schemas/packet.schema.json) without allocating. Optional fields are omitted when
// zero: src_ip, dst_ip, wire_len, ip_len, orig, conn, vlan, inner_vlan, tunnel, ttl, iface,
// src_mac, dst_mac, hw_addr, msg, name; tcp_flags is omitted unless Proto is TCP.
// ParsePacket restores m, except for the flags of a packet that is not TCP and the zones of addresses.
func AppendPacket(dst []byte, m *models.PacketMeta) []byte {
	dst = append(dst, `{"ts":"`...)
	dst = AppendRFC3339(dst, m.TS)
	if m.Src.IsValid() {
		dst = append(dst, `","src_ip":"`...)
		dst = AppendAddr(dst, m.Src)
	}
	if m.Dst.IsValid() {
		dst = append(dst, `","dst_ip":"`...)
		dst = AppendAddr(dst, m.Dst)
	}
	dst = append(dst, `","src_port":`...)
	dst = appendUint(dst, uint64(m.SrcPort))
	dst = append(dst, `,"dst_port":`...)
	dst = appendUint(dst, uint64(m.DstPort))
	dst = append(dst, `,"proto":"`...)
	dst = append(dst, m.Proto.String()...)
	dst = append(dst, `","payload_len":`...)
	dst = appendUint(dst, uint64(m.PayloadLen))
	if m.Proto == models.ProtoTCP {
		dst = append(dst, `,"tcp_flags":"`...)
		dst = append(dst, m.Flags.String()...)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"entropy":`...)
	dst = appendHundredths(dst, uint64(m.Entropy))
	dst = appendOptional(dst, m)
	return append(dst, '}')
}

// appendOptional appends the fields that are omitted when zero.
func appendOptional(dst []byte, m *models.PacketMeta) []byte {
	if m.WireLen != 0 {
		dst = append(dst, `,"wire_len":`...)
		dst = appendUint(dst, uint64(m.WireLen))
	}
	if m.IPLen != 0 {
		dst = append(dst, `,"ip_len":`...)
		dst = appendUint(dst, uint64(m.IPLen))
	}
	switch m.Dir {
	case models.DirOrig:
		dst = append(dst, `,"orig":true`...)
	case models.DirResp:
		dst = append(dst, `,"orig":false`...)
	}
	if m.Conn != 0 {
		dst = append(dst, `,"conn":"`...)
		dst, _ = m.Conn.AppendText(dst)
		dst = append(dst, '"')
	}
	if m.VLAN != 0 {
		dst = append(dst, `,"vlan":`...)
		dst = appendUint(dst, uint64(m.VLAN))
	}
	if m.InnerVLAN != 0 {
		dst = append(dst, `,"inner_vlan":`...)
		dst = appendUint(dst, uint64(m.InnerVLAN))
	}
	if m.Tunnel != 0 {
		dst = appendTunnel(dst, m.Tunnel)
	}
	if m.TTL != 0 {
		dst = append(dst, `,"ttl":`...)
		dst = appendUint(dst, uint64(m.TTL))
	}
	if m.Iface != "" {
		dst = append(dst, `,"iface":`...)
		dst = appendString(dst, m.Iface)
	}
	return appendLink(dst, m)
}

// appendLink appends the fields of the link layer and the name.
func appendLink(dst []byte, m *models.PacketMeta) []byte {
	dst = appendMAC(dst, `,"src_mac":"`, m.SrcMAC)
	dst = appendMAC(dst, `,"dst_mac":"`, m.DstMAC)
	dst = appendMAC(dst, `,"hw_addr":"`, m.HWAddr)
	if m.Msg != 0 {
		dst = append(dst, `,"msg":`...)
		dst = appendUint(dst, uint64(m.Msg))
	}
	return appendName(dst, &m.Name)
}

func appendMAC(dst []byte, name string, a models.MAC) []byte {
	if a.IsZero() {
		return dst
	}
	return append(a.AppendTo(append(dst, name...)), '"')
}

func appendTunnel(dst []byte, p models.TunnelPath) []byte {
	dst = append(dst, `,"tunnel":[`...)
	for i := range p.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, p.At(i).String()...)
		dst = append(dst, '"')
	}
	return append(dst, ']')
}

// appendHundredths appends n/100 with at most two decimals.
func appendHundredths(dst []byte, n uint64) []byte {
	dst = appendUint(dst, n/100)
	switch f := n % 100; {
	case f == 0:
		return dst
	case f%10 == 0:
		return append(dst, '.', '0'+byte(f/10))
	default:
		return append(dst, '.', pairs[2*f], pairs[2*f+1])
	}
}

// AppendAddr appends the text of a without its zone, as netip.Addr.String returns it,
// without allocating. It appends nothing for the zero Addr.
func AppendAddr(dst []byte, a netip.Addr) []byte {
	if a.Is4() {
		b := a.As4()
		dst = appendUint(dst, uint64(b[0]))
		for _, o := range b[1:] {
			dst = append(dst, '.')
			dst = appendUint(dst, uint64(o))
		}
		return dst
	}
	if !a.IsValid() {
		return dst
	}
	return a.WithZone("").AppendTo(dst)
}
