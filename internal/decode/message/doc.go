// Package message parses the messages of which models.PacketMeta records more than their
// headers: ARP, spanning tree and LLDP, which are packets without IP; neighbor discovery and
// DHCP, which state a link-layer address; DNS and HTTP, which have a name.
//
// Input is untrusted: it may be truncated or contradict itself. Functions read the captured
// bytes only, take time proportional to them, do not allocate and keep nothing of them. They
// may be called from any goroutine.
package message

import "encoding/binary"

// Result says whether a message of the link layer was parsed.
type Result uint8

// The results.
const (
	OK    Result = iota
	Short        // the captured bytes end within the fields that are needed
	Bad          // the message contradicts itself
	Other        // not a message of this protocol
)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
