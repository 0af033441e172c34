package models

// LinkType is the link-layer header type of a capture: the LINKTYPE_ values that
// pcap and pcapng files carry (https://www.tcpdump.org/linktypes.html).
type LinkType uint16

// Link types that package decode supports.
const (
	LinkNull      LinkType = 0 // BSD loopback, host byte order
	LinkEthernet  LinkType = 1
	LinkPPP       LinkType = 9
	LinkPPPHDLC   LinkType = 50
	LinkPPPEther  LinkType = 51
	LinkRaw       LinkType = 101
	LinkIEEE80211 LinkType = 105
	LinkLoop      LinkType = 108 // OpenBSD loopback, network byte order
	LinkLinuxSLL  LinkType = 113
	LinkRadiotap  LinkType = 127
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkLinuxSLL2 LinkType = 276
)

// Frame is one frame as a capture source yields it. The source owns Data, which is valid
// until its next call.
type Frame struct {
	TS      Timestamp
	Link    LinkType
	WireLen uint32 // bytes on the wire; exceeds len(Data) if the frame was truncated at the snap length
	Data    []byte
	Iface   string // name of the interface, "" if the capture has none
}
