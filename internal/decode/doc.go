// Package decode decodes captured frames into IP packets and link-layer messages (ARP, spanning
// tree, LLDP): link layers, tunnels, IP, transport, and the entropy of the payload. It writes
// into a models.Packet of the caller and does not allocate. Package message parses the
// messages whose content a packet records.
//
// A Decoder owns the incomplete IP datagrams (bounded in number, bytes and event time) and a
// small table of flows whose payload is not the tunnel of their port. Connections are the job
// of conntrack. Lengths are those of the headers: Ethernet padding is not payload, and bytes
// that a truncated capture lacks still count.
//
// Counts are exact. Each call of Decode either yields one packet or returns a Reason, so that
// frames = packets + the sum over reasons. A fragment that waits is counted as FragmentHeld;
// the last fragment of a datagram yields its packet, with the bytes of all of its frames in
// Meta.WireLen. A frame may carry several packets (an 802.11 A-MSDU): More yields the others.
// If the content of a tunnel cannot be decoded, the outer layers are the packet.
//
// Packets are yielded in the order of the frames. Nothing blocks. A Decoder belongs to one
// goroutine; Stats may be called from any.
package decode
