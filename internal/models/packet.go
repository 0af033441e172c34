package models

import "net/netip"

// Direction tells which end of its connection sent a packet.
type Direction uint8

// Directions. DirUnknown is what a record made by another tool has.
const (
	DirUnknown Direction = iota
	DirOrig              // source is the originator
	DirResp              // source is the responder
)

// PacketMeta is what NetLyra keeps of one packet: the innermost IP packet of a
// frame. It is the value of netlyra.packets; AppendJSON writes it, ParseJSON reads
// it. Everything the engine knows of a packet is in here, so whatever decode and
// conntrack find is quantised here (entropy in hundredths), and the stream, the
// packed form and the offline analysis see the same numbers.
type PacketMeta struct {
	TS         Timestamp
	Src, Dst   netip.Addr
	SrcPort    uint16 // 0 where the protocol has none; ICMP: the type, as in Zeek
	DstPort    uint16 // 0 where the protocol has none; ICMP: the code, as in Zeek
	Proto      Proto
	Flags      TCPFlags // 0 where not TCP
	Dir        Direction
	TTL        uint8      // hop limit in IPv6; 0 where unknown
	Entropy    uint16     // Shannon entropy of the captured payload, hundredths of a bit a byte, 0…800
	VLAN       uint16     // outermost 802.1Q id, 0 where none
	InnerVLAN  uint16     // the next one in, 0 where none
	PayloadLen uint32     // bytes above the transport header, by the headers, not by the capture
	IPLen      uint32     // total length of the IP packet; 0 where unknown
	WireLen    uint32     // bytes of the frame on the wire; 0 where unknown
	Conn       ConnID     // 0 where unknown
	Tunnel     TunnelPath // encapsulations around it, outermost first
	Iface      string
}

// MaxEntropy is the highest PacketMeta.Entropy: 8 bits per byte, in hundredths.
const MaxEntropy = 800

// Orig is the originator's address: the source where that is not known.
func (m *PacketMeta) Orig() netip.Addr {
	if m.Dir == DirResp {
		return m.Dst
	}
	return m.Src
}

// MaxLayers is how many IP packets one frame may nest: each tunnel adds one.
const MaxLayers = MaxTunnels + 1

// Layer is one IP packet of a frame as conntrack needs it: a frame has one, and
// one more for each tunnel.
type Layer struct {
	Src, Dst   netip.Addr
	SrcPort    uint16 // ICMP: the type
	DstPort    uint16 // ICMP: the code
	Proto      Proto
	Flags      TCPFlags
	TTL        uint8
	Bad        Checksum
	Fragment   bool   // a fragment other than the first: no transport header, ports are 0
	Truncated  bool   // the transport header is not whole: the capture or the packet ends within it, or it lies
	ICMPID     uint16 // identifier of an echo-like message
	Window     uint16
	Seq, Ack   uint32
	IPLen      uint32 // as the IP header has it: 0 (IPv6: 40) where segmentation offload left it open
	PayloadLen uint32 // above the transport header, by the IP header
	VLAN       uint16
	InnerVLAN  uint16
	Tunnel     TunnelPath // what surrounds this layer; 0 for the outermost
	Payload    []byte     // the captured part of the payload; belongs to the frame
	Conn       ConnID     // set by conntrack
	Dir        Direction  // set by conntrack
}

// Checksum says which checksums of a layer are wrong. Network cards that compute
// checksums make wrong ones in captures, so they are counted and believed by nobody.
type Checksum uint8

// The checksums that can be bad.
const (
	BadIPChecksum Checksum = 1 << iota
	BadTransportChecksum
)

// Packet is a decoded frame: its IP layers, outermost first, and the PacketMeta of
// the innermost. It is owned by the caller of decode and used again for each frame.
type Packet struct {
	Meta   PacketMeta
	N      int // layers in use, at least 1 after a decode without error
	Layers [MaxLayers]Layer
}

// Inner is the innermost layer, the one that Meta is about.
func (p *Packet) Inner() *Layer { return &p.Layers[p.N-1] }
