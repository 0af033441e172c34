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

// HashAddr is the key of an address; an IPv4 address and its mapped form share it.
func HashAddr(a netip.Addr) uint64 {
	b := a.As16()
	return mix(mix(binary.LittleEndian.Uint64(b[:8]), 0x2545f4914f6cdd1d), binary.LittleEndian.Uint64(b[8:]))
}

// ends are the two endpoints of a packet in an order that both directions share.
type ends struct {
	src, dst uint64 // hashes of the addresses
	side     uint8  // of the sender: 0 where its endpoint sorts first
	key      uint64 // of the connection
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

// senderBegan guesses whether the sender of a connection's first known packet is its
// originator.
func senderBegan(m *models.PacketMeta) bool {
	switch {
	case m.Dir != models.DirUnknown:
		return m.Dir == models.DirOrig
	case m.Proto == models.ProtoTCP && m.Flags&(models.FlagSYN|models.FlagACK|models.FlagRST) != models.FlagACK:
		// SYN begins; SYN+ACK and RST answer; no ACK at all is nobody's answer
		return m.Flags&models.FlagRST == 0 && !m.Flags.Has(models.FlagSYN|models.FlagACK)
	case m.Proto == models.ProtoICMP: // echo reply, unreachable, timestamp reply, and others answer
		return m.SrcPort == 8 || m.SrcPort == 13 || m.SrcPort == 15 || m.SrcPort == 17
	case m.Proto == models.ProtoICMPv6:
		return m.SrcPort == 128 || m.SrcPort >= 130
	}
	return m.SrcPort >= 1024 && m.SrcPort > m.DstPort || m.SrcPort == m.DstPort || m.DstPort < 1024 && m.SrcPort > m.DstPort
}
