package demo

import (
	"encoding/binary"
	"math/bits"
)

// Protocol numbers.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

// TCP flags.
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
)

const etherHeader = 14

// maxFrame is the largest frame that is made: an Ethernet frame without its checksum.
const maxFrame = 1514

// packet is one packet to be made.
type packet struct {
	src, dst     *host
	v6           bool
	proto        uint8
	sport, dport uint16
	seq, ack     uint32
	flags        uint8
	window       uint16
	options      []byte // of TCP, a multiple of four bytes
	body         *message
	off, n       int // which part of the body
}

// build writes p into b, which has room for maxFrame bytes, and returns the frame.
func build(b []byte, p *packet) []byte {
	copy(b[0:], p.dst.mac[:])
	copy(b[6:], p.src.mac[:])
	b = b[:etherHeader+ipHeader(p.v6)]
	l4 := b[len(b) : len(b)+transportHeader(p)+p.n]
	writeTransport(l4, p)
	var sum uint32
	if p.v6 {
		sum = writeIPv6(b, p, len(l4))
	} else {
		sum = writeIPv4(b, p, len(l4))
	}
	if p.proto == protoICMP { // no pseudo-header in ICMP for IPv4
		sum = 0
	}
	c := fold(checksum(sum, l4))
	switch p.proto {
	case protoTCP:
		binary.BigEndian.PutUint16(l4[16:], c)
	case protoUDP:
		if c == 0 {
			c = 0xffff
		}
		binary.BigEndian.PutUint16(l4[6:], c)
	default:
		binary.BigEndian.PutUint16(l4[2:], c)
	}
	return b[:len(b)+len(l4)]
}

func ipHeader(v6 bool) int {
	if v6 {
		return 40
	}
	return 20
}

// transportHeader is the length of the header before the body. ICMP has its header in
// the body, with room for the checksum.
func transportHeader(p *packet) int {
	switch p.proto {
	case protoTCP:
		return 20 + len(p.options)
	case protoUDP:
		return 8
	}
	return 0
}

// writeTransport writes header and body, with a checksum of zero.
func writeTransport(b []byte, p *packet) {
	h := transportHeader(p)
	switch p.proto {
	case protoTCP:
		binary.BigEndian.PutUint16(b[0:], p.sport)
		binary.BigEndian.PutUint16(b[2:], p.dport)
		binary.BigEndian.PutUint32(b[4:], p.seq)
		binary.BigEndian.PutUint32(b[8:], p.ack)
		b[12], b[13] = byte(h/4)<<4, p.flags
		binary.BigEndian.PutUint16(b[14:], p.window)
		binary.BigEndian.PutUint32(b[16:], 0)
		copy(b[20:], p.options)
	case protoUDP:
		binary.BigEndian.PutUint16(b[0:], p.sport)
		binary.BigEndian.PutUint16(b[2:], p.dport)
		binary.BigEndian.PutUint16(b[4:], uint16(len(b)))
		binary.BigEndian.PutUint16(b[6:], 0)
	}
	if p.n > 0 {
		p.body.read(b[h:], p.off)
	}
	if p.proto == protoICMP || p.proto == protoICMPv6 {
		binary.BigEndian.PutUint16(b[2:], 0)
	}
}

// writeIPv4 writes the header of an IPv4 packet with n bytes above it, and returns the
// sum of the pseudo-header.
func writeIPv4(b []byte, p *packet, n int) uint32 {
	binary.BigEndian.PutUint16(b[12:], 0x0800)
	h := b[etherHeader:]
	h[0], h[1] = 0x45, 0
	binary.BigEndian.PutUint16(h[2:], uint16(20+n))
	p.src.id++
	binary.BigEndian.PutUint16(h[4:], p.src.id)
	binary.BigEndian.PutUint16(h[6:], 0x4000) // do not fragment
	h[8], h[9], h[10], h[11] = p.src.ttl, p.proto, 0, 0
	s, d := p.src.ip.As4(), p.dst.ip.As4()
	copy(h[12:], s[:])
	copy(h[16:], d[:])
	binary.BigEndian.PutUint16(h[10:], fold(checksum(0, h[:20])))
	return checksum(uint32(p.proto)+uint32(n), h[12:20])
}

// writeIPv6 is the same for IPv6.
func writeIPv6(b []byte, p *packet, n int) uint32 {
	binary.BigEndian.PutUint16(b[12:], 0x86dd)
	h := b[etherHeader:]
	binary.BigEndian.PutUint32(h[0:], 0x60000000)
	binary.BigEndian.PutUint16(h[4:], uint16(n))
	h[6], h[7] = p.proto, p.src.ttl
	s, d := p.src.ip6.As16(), p.dst.ip6.As16()
	copy(h[8:], s[:])
	copy(h[24:], d[:])
	return checksum(uint32(p.proto)+uint32(n), h[8:40])
}

// checksum adds b to a sum of ones' complement words (RFC 1071), folded to 17 bits.
func checksum(sum uint32, b []byte) uint32 {
	s := uint64(sum)
	for len(b) >= 8 {
		var carry uint64
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b), 0)
		s += carry
		b = b[8:]
	}
	var last [8]byte
	if len(b) > 0 {
		copy(last[:], b)
		var carry uint64
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(last[:]), 0)
		s += carry
	}
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint32(s>>16 + s&0xffff)
}

// fold ends a sum.
func fold(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
