package decode

import "github.com/netlyra/netlyra/internal/models"

const (
	tcpHeaderLen  = 20
	udpHeaderLen  = 8
	icmpHeaderLen = 8
	sctpHeaderLen = 12
)

// upper completes layer l with the payload of IP, of which b is the captured part of size
// bytes, adds the layer to the packet, and decodes tunnels.
func (d *Decoder) upper(l *models.Layer, proto byte, b []byte, size int) Reason {
	l.Proto = models.Proto(proto)
	d.add()
	switch l.Proto {
	case models.ProtoTCP:
		tcp(l, b, size)
	case models.ProtoUDP:
		udp(l, b, size)
	case models.ProtoICMP, models.ProtoICMPv6:
		icmp(l, b, size)
	case models.ProtoSCTP:
		sctp(l, b, size)
	default:
		l.Payload, l.PayloadLen = b, uint32(size)
	}
	if d.cfg.VerifyChecksums && len(b) == size && !l.Truncated && badTransport(l, b) {
		l.Bad |= models.BadTransportChecksum
	}
	switch proto {
	case byte(models.ProtoTCP):
		if len(l.Payload) > 0 {
			d.segment(l)
		}
	case byte(models.ProtoICMPv6):
		d.neighbor(l)
	case byte(models.ProtoUDP):
		if !l.Truncated && len(l.Payload) >= 4 {
			d.datagram(l)
			d.udpTunnel(l, b[udpHeaderLen:], size-udpHeaderLen)
		}
	case protoIPv4, protoIPv6:
		d.ipTunnel(proto, b, size)
	case protoGRE:
		d.gre(b, size)
	case protoEtherIP:
		d.etherIP(b, size)
	case protoMPLS:
		d.into(models.TunnelMPLS, asMPLS, b, size)
	}
	return ok
}

// tcp reads a TCP header (RFC 9293 section 3.1).
func tcp(l *models.Layer, b []byte, size int) {
	if len(b) < tcpHeaderLen {
		cutHeader(l, b, size)
		return
	}
	hl := int(b[12]>>4) * 4
	l.SrcPort, l.DstPort = be16(b), be16(b[2:])
	l.Seq, l.Ack = be32(b[4:]), be32(b[8:])
	l.Flags, l.Window = models.TCPFlags(b[13]), be16(b[14:])
	if hl < tcpHeaderLen || hl > size {
		l.Truncated = true
		return
	}
	l.PayloadLen = uint32(size - hl)
	l.Payload = b[min(hl, len(b)):]
}

// udp reads a UDP header (RFC 768). Its length field is the length of the datagram: further
// bytes of the IP packet are padding. If it exceeds the IP packet, it still counts, as in
// Zeek.
func udp(l *models.Layer, b []byte, size int) {
	if len(b) < udpHeaderLen || size < udpHeaderLen {
		cutHeader(l, b, size)
		return
	}
	l.SrcPort, l.DstPort = be16(b), be16(b[2:])
	n := int(be16(b[4:]))
	if n < udpHeaderLen { // 0 is a jumbogram (RFC 2675), other values are invalid
		n = size
	}
	l.PayloadLen = uint32(n - udpHeaderLen)
	l.Payload = b[udpHeaderLen:min(n, size, len(b))]
}

// icmp reads an ICMP or ICMPv6 header (RFC 792, RFC 4443): type and code serve as ports.
func icmp(l *models.Layer, b []byte, size int) {
	if len(b) < icmpHeaderLen || size < icmpHeaderLen {
		l.Truncated = true
		if len(b) >= 2 {
			l.SrcPort, l.DstPort = uint16(b[0]), uint16(b[1])
		}
		return
	}
	l.SrcPort, l.DstPort = uint16(b[0]), uint16(b[1])
	if hasICMPID(l.Proto, b[0]) {
		l.ICMPID = be16(b[4:])
	}
	l.PayloadLen = uint32(size - icmpHeaderLen)
	l.Payload = b[icmpHeaderLen:]
}

// hasICMPID reports whether a message of that type has an identifier: echo, timestamp,
// information and address mask, requests and replies.
func hasICMPID(p models.Proto, typ byte) bool {
	if p == models.ProtoICMPv6 {
		return typ == 128 || typ == 129
	}
	return typ == 0 || typ == 8 || typ >= 13 && typ <= 18
}

// sctp reads the common header of SCTP (RFC 9260 section 3.1).
func sctp(l *models.Layer, b []byte, size int) {
	if len(b) < sctpHeaderLen || size < sctpHeaderLen {
		cutHeader(l, b, size)
		return
	}
	l.SrcPort, l.DstPort = be16(b), be16(b[2:])
	l.PayloadLen = uint32(size - sctpHeaderLen)
	l.Payload = b[sctpHeaderLen:]
}

// cutHeader stores the ports of an incomplete transport header, if they were captured.
func cutHeader(l *models.Layer, b []byte, size int) {
	l.Truncated = true
	if len(b) >= 4 && size >= 4 {
		l.SrcPort, l.DstPort = be16(b), be16(b[2:])
	}
}
