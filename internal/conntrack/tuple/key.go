package tuple

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// Key is a connection's tuple in canonical order: end A has the smaller address, or
// the smaller port where the addresses are the same, so that both directions have one
// key. Messages without a reply (one-way ICMP) keep the order of the packet.
// It is 40 bytes without pointers; IPv4 addresses are in their IPv6-mapped form.
type Key struct {
	aHi, aLo, bHi, bLo uint64 // addresses, big-endian halves
	APort, BPort       uint16
	Proto              models.Proto
	kind               uint8 // keyV6, keyOneWay
	_                  uint8
}

const (
	keyV6     = 1 << iota // addresses are IPv6
	keyOneWay             // the order is that of the packet
)

// MakeKey returns the key of a packet; swapped reports that its source is end B. oneWay
// keeps the order of the packet, for messages that have no answer.
func MakeKey(src, dst netip.Addr, sport, dport uint16, proto models.Proto, oneWay bool) (k Key, swapped bool) {
	s, d := src.As16(), dst.As16()
	sHi, sLo := binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(s[8:])
	dHi, dLo := binary.BigEndian.Uint64(d[:8]), binary.BigEndian.Uint64(d[8:])
	k.Proto = proto
	if !src.Is4() {
		k.kind = keyV6
	}
	if oneWay {
		k.kind |= keyOneWay
	} else {
		swapped = sHi > dHi || sHi == dHi && (sLo > dLo || sLo == dLo && sport > dport)
	}
	if swapped {
		k.aHi, k.aLo, k.bHi, k.bLo, k.APort, k.BPort = dHi, dLo, sHi, sLo, dport, sport
	} else {
		k.aHi, k.aLo, k.bHi, k.bLo, k.APort, k.BPort = sHi, sLo, dHi, dLo, sport, dport
	}
	return k, swapped
}

// Same reports whether k and o are equal; it is faster than == (no call of a general
// comparison).
func (k *Key) Same(o *Key) bool {
	return k.aLo == o.aLo && k.bLo == o.bLo && k.APort == o.APort && k.BPort == o.BPort &&
		k.Proto == o.Proto && k.kind == o.kind && k.aHi == o.aHi && k.bHi == o.bHi
}

// Multipliers of the mix: odd, with about half of their bits set (from wyhash).
const (
	mix1 = 0xa0761d6478bd642f
	mix2 = 0xe7037ed1a0b428db
	mix3 = 0x8ebc6af09c88c6e3
)

// Hash folds the key into 64 bits. An attacker who does not know the seed cannot construct
// collisions.
func (k *Key) Hash(seed uint64) uint64 {
	last := uint64(k.APort)<<48 | uint64(k.BPort)<<32 | uint64(k.Proto)<<8 | uint64(k.kind)
	h := fold(k.aLo^seed^mix1, k.bLo^mix2)
	h ^= fold(k.aHi^mix3, k.bHi^seed)
	return fold(h^mix1, last^mix2)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// addr returns the address of the halves hi and lo.
func (k *Key) addr(hi, lo uint64) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	a := netip.AddrFrom16(b)
	if k.kind&keyV6 == 0 {
		return a.Unmap()
	}
	return a
}

// AddrA returns the address of end A.
func (k *Key) AddrA() netip.Addr { return k.addr(k.aHi, k.aLo) }

// AddrB returns the address of end B.
func (k *Key) AddrB() netip.Addr { return k.addr(k.bHi, k.bLo) }
