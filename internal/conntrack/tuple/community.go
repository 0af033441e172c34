package tuple

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// Community returns the Community ID, version 1 with seed 0
// (https://github.com/corelight/community-id-spec). Its tuple has the order of the key.
func (k *Key) Community() string {
	var b [40]byte
	p := b[:2] // the seed
	for _, a := range [2][2]uint64{{k.aHi, k.aLo}, {k.bHi, k.bLo}} {
		if k.kind&keyV6 != 0 {
			p = binary.BigEndian.AppendUint64(p, a[0])
			p = binary.BigEndian.AppendUint64(p, a[1])
		} else {
			p = binary.BigEndian.AppendUint32(p, uint32(a[1]))
		}
	}
	p = append(p, byte(k.Proto), 0)
	switch k.Proto {
	case models.ProtoTCP, models.ProtoUDP, models.ProtoSCTP, models.ProtoICMP, models.ProtoICMPv6:
		p = binary.BigEndian.AppendUint16(p, k.APort)
		p = binary.BigEndian.AppendUint16(p, k.BPort)
	}
	sum := sha1.Sum(p)
	text := make([]byte, 0, 30)
	return string(base64.StdEncoding.AppendEncode(append(text, "1:"...), sum[:]))
}
