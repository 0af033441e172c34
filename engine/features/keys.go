package features

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// mix is a multiply-and-fold hash of two words.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd6e8feb86659fd93)
	return hi ^ lo
}

// HashAddr returns the key of an address, the same for an IPv4 address and its IPv6-mapped
// form. The zero Addr, of messages without addresses, has a key too.
func HashAddr(a netip.Addr) uint64 {
	if !a.IsValid() {
		return 0x9ae16a3b2f90404f
	}
	b := a.As16()
	return mix(mix(binary.LittleEndian.Uint64(b[:8]), 0x2545f4914f6cdd1d), binary.LittleEndian.Uint64(b[8:]))
}

// ends describes the two endpoints of a packet so that both directions have the same key.
type ends struct {
	src, dst uint64 // hashes of the addresses
	side     uint8  // of the sender: 0 if its endpoint sorts first
	key      uint64 // key of the connection
}

func endsOf(m *models.PacketMeta) ends {
	e := ends{src: HashAddr(m.Src), dst: HashAddr(m.Dst)}
	sp, dp := uint64(m.SrcPort), uint64(m.DstPort)
	if isICMP(m.Proto) {
		sp, dp = 0, 0
	}
	a, b := mix(e.src, sp), mix(e.dst, dp)
	if b < a {
		a, b, e.side = b, a, 1
	}
	if m.Conn != 0 {
		e.key = mix(uint64(m.Conn), 0x5851f42d4c957f2d)
	} else {
		e.key = mix(mix(a, b), uint64(m.Proto))
	}
	return e
}

func isICMP(p models.Proto) bool { return p == models.ProtoICMP || p == models.ProtoICMPv6 }

// senderIsOriginator reports whether the sender of the first packet of a connection is
// presumably its originator.
func senderIsOriginator(m *models.PacketMeta) bool {
	switch {
	case m.Dir != models.DirUnknown:
		return m.Dir == models.DirOrig
	case m.Proto == models.ProtoTCP && m.Flags&(models.FlagSYN|models.FlagACK|models.FlagRST) != models.FlagACK:
		// SYN opens a connection; SYN+ACK and RST answer; a packet without ACK is no answer
		return m.Flags&models.FlagRST == 0 && !m.Flags.Has(models.FlagSYN|models.FlagACK)
	case m.Proto == models.ProtoICMP: // requests; all other types are answers
		return m.SrcPort == 8 || m.SrcPort == 13 || m.SrcPort == 15 || m.SrcPort == 17
	case m.Proto == models.ProtoICMPv6:
		return m.SrcPort == 128 || m.SrcPort >= 130
	}
	return m.SrcPort >= 1024 && m.SrcPort > m.DstPort || m.SrcPort == m.DstPort || m.DstPort < 1024 && m.SrcPort > m.DstPort
}
