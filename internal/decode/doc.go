// Package decode turns one captured frame into the IP packets that it carries: link
// layers, tunnels, IP, transport, and the entropy of the payload. It writes into a
// models.Packet of the caller's and allocates nothing.
//
// It owns the fragments of IP datagrams that wait for the rest (bounded in number,
// bytes and event time) and a small table of the flows whose payload turned out not to
// be the tunnel of their port, and nothing else: connections belong to conntrack. Lengths
// are those of the headers, with the capture as limit: Ethernet padding is not
// payload, and what a cut capture lacks still counts.
//
// Counting is exact. Each call of Decode either gives one packet or returns a
// Reason, so that frames = packets + the sum over reasons. A fragment that waits is
// FragmentHeld, a reason like the others; the last one of its datagram gives the
// packet of all of it, with the bytes of all its frames in Meta.WireLen. One frame
// may carry several packets (an 802.11 A-MSDU): More yields the others. A tunnel
// whose inside cannot be read leaves the outer layers, which are a packet.
//
// Packets come out in the order of the frames. Nothing blocks, so there is no
// back-pressure of its own. A Decoder belongs to one goroutine; Stats may be called
// from any.
package decode
