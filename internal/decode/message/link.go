package message

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// ARP is an ARP or RARP message for IPv4.
type ARP struct {
	Op             uint16 // 1 request, 2 reply, 3 and 4 of RARP
	HW             models.MAC
	Sender, Target netip.Addr
}

// ReadARP parses an ARP message (RFC 826) for IPv4 addresses, on a link with addresses of any
// length. HW is zero if that length is not 6.
func ReadARP(b []byte) (m ARP, r Result) {
	const header, ipv4 = 8, 0x0800
	if len(b) < header {
		return m, Short
	}
	hw := int(b[4])
	if be16(b[2:]) != ipv4 || b[5] != 4 {
		return m, Bad
	}
	if len(b) < header+2*(hw+4) {
		return m, Short
	}
	m.Op = be16(b[6:])
	b = b[header:]
	if hw == len(m.HW) {
		m.HW = models.MAC(b)
	}
	m.Sender = netip.AddrFrom4([4]byte(b[hw:]))
	m.Target = netip.AddrFrom4([4]byte(b[2*hw+4:]))
	return m, OK
}

// BPDU types (IEEE 802.1D clause 9.3).
const (
	bpduConfig   = 0x00
	bpduRapid    = 0x02
	bpduTopology = 0x80
)

// ReadBPDU parses a bridge protocol data unit and returns its type and the address of the root
// bridge, which a topology change notification does not have.
func ReadBPDU(b []byte) (typ uint8, root models.MAC, r Result) {
	const header, rootID = 4, 5 // protocol id, version, type; then flags
	if len(b) < header {
		return 0, root, Short
	}
	if be16(b) != 0 { // GARP uses the same LLC address
		return 0, root, Other
	}
	switch typ = b[3]; typ {
	case bpduTopology:
		return typ, root, OK
	case bpduConfig, bpduRapid:
	default:
		return 0, root, Bad
	}
	if len(b) < rootID+8 {
		return 0, root, Short
	}
	return typ, models.MAC(b[rootID+2:]), OK // after two bytes of priority
}

// ReadLLDP parses the first element of an LLDP message, the chassis id (IEEE 802.1AB clause
// 8.5.2). It returns the id if that is a link-layer address, otherwise zero.
func ReadLLDP(b []byte) (chassis models.MAC, r Result) {
	const header, typeChassis, subtypeMAC = 2, 1, 4
	if len(b) < header {
		return chassis, Short
	}
	n := int(be16(b) & 0x1ff)
	if b[0]>>1 != typeChassis || n < 2 {
		return chassis, Bad
	}
	if len(b) < header+n {
		return chassis, Short
	}
	if id := b[header+1 : header+n]; b[header] == subtypeMAC && len(id) == len(chassis) {
		chassis = models.MAC(id)
	}
	return chassis, OK
}
