package vocabulary

// Reasons for which decode makes no packet from a frame.
const (
	DropUnknownLinkType      = "unknown_link_type"
	DropTruncatedLink        = "truncated_link_header"
	DropBadLinkLength        = "bad_link_length"
	DropNotIP                = "not_ip"
	DropNotDataFrame         = "not_data_frame"
	DropProtectedFrame       = "wlan_encrypted"
	DropTooManyHeaders       = "too_many_headers"
	DropTooManyTunnels       = "too_many_tunnels"
	DropTruncatedIP          = "truncated_ip_header"
	DropBadIPVersion         = "bad_ip_version"
	DropBadIPHeaderLength    = "bad_ip_header_length"
	DropIPLengthExceedsFrame = "ip_length_exceeds_frame"
	DropBadIPChecksum        = "bad_ip_checksum"
	DropFragmentHeld         = "fragment_held"
	DropFragmentTruncated    = "fragment_truncated"
	DropFragmentBad          = "bad_fragment"
	DropBadTunnelHeader      = "bad_tunnel_header"
	DropInnerLengthMismatch  = "inner_length_mismatch"
	DropLinkWithoutIP        = "link_without_ip"
	DropEncryptedFrame       = "macsec_encrypted"
	DropTunnelTruncated      = "truncated_tunnel_header"
	DropBadLinkMessage       = "bad_link_message"
)

// DecodeDrops describes the drop reasons of the stage decode.
var DecodeDrops = []Entry{
	{DropUnknownLinkType, "Unknown link type", "The link type of the capture is not supported and the frame does not start with an IP header."},
	{DropTruncatedLink, "Truncated link header", "The captured bytes end within the link-layer header."},
	{DropBadLinkLength, "Bad link length", "A length field in the link-layer header contradicts the frame."},
	{DropNotIP, "Not IP", "The frame carries no IP packet and no link-layer message that is decoded (ARP, spanning tree, LLDP), for example LACP or CDP."},
	{DropNotDataFrame, "Not a data frame", "The 802.11 frame is a management or control frame, or carries no data."},
	{DropProtectedFrame, "Encrypted 802.11 frame", "The 802.11 frame is encrypted; its content cannot be read."},
	{DropTooManyHeaders, "Too many headers", "The frame nests more link headers, tags and labels than the limit of 32."},
	{DropTooManyTunnels, "Too many tunnels", "The frame nests more tunnels than the configured limit."},
	{DropTruncatedIP, "Truncated IP header", "The captured bytes end within the IP header."},
	{DropBadIPVersion, "Bad IP version", "The IP header has a version other than 4 or 6."},
	{DropBadIPHeaderLength, "Bad IP header length", "The header length of the IP packet is impossible."},
	{DropIPLengthExceedsFrame, "IP length exceeds frame", "The IP packet claims more bytes than the frame had on the wire."},
	{DropBadIPChecksum, "Bad IP checksum", "The IPv4 header checksum is wrong. It is verified only where the setting is on."},
	{DropFragmentHeld, "Fragment held", "The fragment waits for the rest of its datagram. The last fragment yields the packet; this is not a loss."},
	{DropFragmentTruncated, "Truncated fragment", "The capture holds only a part of the fragment, so the datagram cannot be reassembled."},
	{DropFragmentBad, "Bad fragment", "Offset or length of the fragment is impossible."},
	{DropBadTunnelHeader, "Bad tunnel header", "The header of the tunnel is invalid."},
	{DropInnerLengthMismatch, "Inner length mismatch", "The inner packet of the tunnel has a length that does not fit the outer packet."},
	{DropLinkWithoutIP, "Link type without IP", "The link type of the capture never carries IP packets, for example USB. Capture on a network interface."},
	{DropEncryptedFrame, "Encrypted MACsec frame", "The frame is encrypted by MACsec; its content cannot be read."},
	{DropTunnelTruncated, "Truncated tunnel header", "The captured bytes end within the tunnel header."},
	{DropBadLinkMessage, "Bad link-layer message", "The ARP, spanning tree or LLDP message contradicts itself, or an ARP message is not about IPv4."},
}
