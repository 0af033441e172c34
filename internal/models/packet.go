package models

import "net/netip"

// Direction is the end of the connection that sent a packet.
type Direction uint8

// Directions. Records made by other tools have DirUnknown.
const (
	DirUnknown Direction = iota
	DirOrig              // source is the originator
	DirResp              // source is the responder
)

// PacketMeta is the metadata of one packet, the innermost IP packet or link-layer message of a
// frame. It is the value of the topic netlyra.packets (wire.AppendPacket, wire.ParsePacket)
// and everything that the engine knows about a packet. Values are quantised here (entropy in
// hundredths), so that the JSON form, the packed form and offline analysis score the same
// numbers.
//
// A link-layer message (Proto.IsLink) has no connection, no payload and no IP length. ARP has
// the sender and target protocol addresses, 0.0.0.0 included; STP and LLDP have none.
//
// HWAddr is, by protocol: ARP: the sender hardware address; DHCP: the client hardware address;
// DHCPv6: the client's link-layer address (from its DUID, or as a relay adds it); ICMPv6
// neighbor discovery: the source link-layer address option, of neighbor advertisements and
// redirects the target's; STP: the address of the root bridge; LLDP: the chassis id, if that
// is an address. Addresses that do not have 48 bits count as none.
type PacketMeta struct {
	TS         Timestamp
	Src, Dst   netip.Addr // the zero Addr if the protocol has none
	SrcPort    uint16     // 0 if the protocol has none; ICMP: the type, as in Zeek; ARP: the opcode
	DstPort    uint16     // 0 if the protocol has none; ICMP: the code, as in Zeek
	Proto      Proto
	Flags      TCPFlags // 0 if not TCP
	Dir        Direction
	TTL        uint8      // hop limit in IPv6; 0 if unknown
	Entropy    uint16     // Shannon entropy of the captured payload, hundredths of a bit per byte, 0…800
	VLAN       uint16     // outermost 802.1Q id, 0 if none
	InnerVLAN  uint16     // second 802.1Q id, 0 if none
	PayloadLen uint32     // bytes after the transport header, from the headers, even if truncated in the capture
	IPLen      uint32     // total length of the IP packet; 0 if unknown
	WireLen    uint32     // bytes of the frame on the wire; 0 if unknown
	Conn       ConnID     // 0 if unknown
	Tunnel     TunnelPath // encapsulations around it, outermost first
	Iface      string
	SrcMAC     MAC   // link-layer source of the frame around the packet; zero if unknown, as inside IP tunnels
	DstMAC     MAC   // link-layer destination
	HWAddr     MAC   // address that the message states, see above; zero if none
	Msg        uint8 // ARP: the opcode; DHCP and DHCPv6: the message type; STP: the BPDU type; 0 otherwise
	Name       NameFacts
}

// MaxEntropy is the highest PacketMeta.Entropy: 8 bits per byte, in hundredths.
const MaxEntropy = 800

// Orig returns the originator's address, or the source address if the direction is unknown.
func (m *PacketMeta) Orig() netip.Addr {
	if m.Dir == DirResp {
		return m.Dst
	}
	return m.Src
}

// MaxLayers is the number of IP packets that one frame can nest: each tunnel adds one.
const MaxLayers = MaxTunnels + 1

// Layer is one IP packet or link-layer message of a frame, with the fields that conntrack
// needs. A frame has one, and one more for each tunnel.
type Layer struct {
	Src, Dst   netip.Addr
	SrcPort    uint16 // ICMP: the type
	DstPort    uint16 // ICMP: the code
	Proto      Proto
	Flags      TCPFlags
	TTL        uint8
	Bad        Checksum
	Fragment   bool   // a fragment other than the first: no transport header, ports are 0
	Truncated  bool   // the transport header is incomplete (the capture or the packet ends within it) or contradicts itself
	ICMPID     uint16 // identifier of an echo-like message
	Window     uint16
	Seq, Ack   uint32
	IPLen      uint32 // from the IP header: 0 (IPv6: 40) if segmentation offload left it unset
	PayloadLen uint32 // bytes after the transport header, from the IP header
	VLAN       uint16
	InnerVLAN  uint16
	Tunnel     TunnelPath // encapsulations around this layer; 0 for the outermost
	Payload    []byte     // captured part of the payload; memory of the frame
	Conn       ConnID     // set by conntrack
	Dir        Direction  // set by conntrack
}

// Checksum is the set of wrong checksums of a layer. With checksum offload, captures of
// outgoing packets have wrong checksums, so by default they are counted only.
type Checksum uint8

// The checksums that can be bad.
const (
	BadIPChecksum Checksum = 1 << iota
	BadTransportChecksum
)

// Packet is a decoded frame: its layers, outermost first, and the PacketMeta of
// the innermost. The caller of decode owns it and reuses it for each frame.
type Packet struct {
	Meta   PacketMeta
	N      int // layers in use, at least 1 after a successful decode
	Layers [MaxLayers]Layer
}

// Inner returns the innermost layer, which Meta describes.
func (p *Packet) Inner() *Layer { return &p.Layers[p.N-1] }
