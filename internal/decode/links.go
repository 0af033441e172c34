package decode

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/models"
)

// linkInfo describes one link type.
type linkInfo struct {
	name string
	read func(d *Decoder, b []byte, wire int) Reason // nil: not decoded
	noIP bool                                        // frames never carry IP packets
}

// links are the link types by number (https://www.tcpdump.org/linktypes.html), the only list
// of them: Link uses it too. init fills it, because readers of headers that contain a link
// type refer to it.
var links [300]linkInfo

func init() {
	for t, l := range decodedLinks {
		links[t] = l
	}
	for name, types := range linksWithoutIP {
		for _, t := range types {
			links[t] = linkInfo{name: name, noIP: true}
		}
	}
	for t, name := range linksNotDecoded {
		links[t] = linkInfo{name: name}
	}
}

var decodedLinks = map[models.LinkType]linkInfo{
	models.LinkNull:      {name: "BSD loopback", read: (*Decoder).null},
	models.LinkEthernet:  {name: "Ethernet", read: (*Decoder).ethernet},
	6:                    {name: "Token Ring", read: (*Decoder).tokenRing},
	8:                    {name: "SLIP", read: behind(16, (*Decoder).ip)},
	models.LinkPPP:       {name: "PPP", read: (*Decoder).ppp},
	10:                   {name: "FDDI", read: (*Decoder).fddi},
	12:                   {name: "raw IP", read: (*Decoder).ip}, // DLT_RAW of some systems
	14:                   {name: "raw IP", read: (*Decoder).ip},
	models.LinkPPPHDLC:   {name: "PPP in HDLC framing", read: (*Decoder).ppp},
	models.LinkPPPEther:  {name: "PPPoE", read: (*Decoder).pppoe},
	100:                  {name: "ATM (RFC 1483)", read: (*Decoder).atm},
	models.LinkRaw:       {name: "raw IP", read: (*Decoder).ip},
	104:                  {name: "Cisco HDLC", read: (*Decoder).ciscoHDLC},
	models.LinkIEEE80211: {name: "IEEE 802.11", read: (*Decoder).wlan},
	106:                  {name: "Classical IP over ATM", read: (*Decoder).atm},
	107:                  {name: "Frame Relay", read: (*Decoder).frameRelay},
	models.LinkLoop:      {name: "OpenBSD loopback", read: (*Decoder).null},
	109:                  {name: "OpenBSD enc", read: behind(12, (*Decoder).ip)},
	models.LinkLinuxSLL:  {name: "Linux cooked", read: (*Decoder).sll},
	117:                  {name: "pflog", read: (*Decoder).pflog},
	119:                  {name: "IEEE 802.11 with Prism header", read: (*Decoder).prism},
	122:                  {name: "IP over Fibre Channel", read: behind(16, (*Decoder).llc)},
	123:                  {name: "SunATM", read: behind(4, (*Decoder).atm)},
	models.LinkRadiotap:  {name: "IEEE 802.11 with radiotap header", read: (*Decoder).radiotap},
	138:                  {name: "IP over IEEE 1394", read: typedBehind(16)},
	149:                  {name: "PKTAP", read: (*Decoder).userPKTAP}, // DLT_USER2, which macOS uses for PKTAP
	163:                  {name: "IEEE 802.11 with AVS header", read: (*Decoder).prism},
	166:                  {name: "PPP of pppd", read: (*Decoder).pppd},
	192:                  {name: "PPI", read: (*Decoder).ppi},
	204:                  {name: "PPP with direction", read: behind(1, (*Decoder).ppp)},
	205:                  {name: "Cisco HDLC with direction", read: behind(1, (*Decoder).ciscoHDLC)},
	206:                  {name: "Frame Relay with direction", read: behind(1, (*Decoder).frameRelay)},
	219:                  {name: "MPLS", read: (*Decoder).mpls},
	226:                  {name: "Solaris IPNET", read: behind(24, (*Decoder).ip)},
	models.LinkIPv4:      {name: "raw IPv4", read: (*Decoder).ip},
	models.LinkIPv6:      {name: "raw IPv6", read: (*Decoder).ip},
	239:                  {name: "NFLOG", read: (*Decoder).nflog},
	240:                  {name: "netANALYZER", read: behind(4, (*Decoder).ethernet)},
	241:                  {name: "netANALYZER transparent", read: behind(12, (*Decoder).ethernet)},
	242:                  {name: "IP over InfiniBand", read: (*Decoder).ipoib},
	247:                  {name: "InfiniBand", read: (*Decoder).infiniband},
	258:                  {name: "PKTAP", read: (*Decoder).pktap},
	259:                  {name: "EPON", read: behind(8, (*Decoder).ethernet)},
	models.LinkLinuxSLL2: {name: "Linux cooked v2", read: (*Decoder).sll2},
	281:                  {name: "Ethernet with Broadcom tag", read: taggedEthernet(4)},
	282:                  {name: "Ethernet with prepended Broadcom tag", read: behind(4, (*Decoder).ethernet)},
	284:                  {name: "Ethernet with DSA tag", read: taggedEthernet(4)},
	285:                  {name: "Ethernet with EDSA tag", read: taggedEthernet(8)},
}

// linksWithoutIP are common link types of captures that carry no IP.
var linksWithoutIP = map[string][]models.LinkType{
	"USB":           {186, 189, 220, 249, 266, 278, 288, 293, 294, 295},
	"Bluetooth":     {161, 187, 201, 251, 254, 255, 256, 272},
	"IEEE 802.15.4": {191, 195, 215, 230, 283},
	"netlink":       {253},
	"CAN":           {190, 227},
	"D-Bus":         {231},
	"SS7":           {139, 140, 141, 142},
	"SCTP":          {248},
	"exported PDUs": {252},
	"Z-Wave":        {261, 262, 287},
	"vsock":         {271},
}

// linksNotDecoded may carry IP but are not supported.
var linksNotDecoded = map[models.LinkType]string{
	3: "AX.25", 7: "ARCNET", 102: "SLIP of BSD/OS", 103: "PPP of BSD/OS", 129: "ARCNET of Linux", 143: "DOCSIS", 197: "ERF", 274: "Ethernet mPackets",
}

// Link returns nil if frames of link type t are decoded, otherwise an error that names the
// link type, if known, and what to do. Safe for concurrent use.
func Link(t models.LinkType) error {
	var l linkInfo
	if int(t) < len(links) {
		l = links[t]
	}
	switch {
	case l.read != nil:
		return nil
	case l.noIP:
		return fmt.Errorf("link type %d (%s) carries no IP packets: capture on a network interface", t, l.name)
	case l.name != "":
		return fmt.Errorf("link type %d (%s) is not decoded: convert the capture, or capture on another interface", t, l.name)
	}
	return fmt.Errorf("link type %d is unknown: only frames that begin with an IP header are decoded", t)
}

// link decodes a frame of link type t, which had wire bytes on the wire.
func (d *Decoder) link(t models.LinkType, b []byte, wire int) Reason {
	if t == models.LinkEthernet {
		return d.ethernet(b, wire)
	}
	if int(t) < len(links) {
		switch l := &links[t]; {
		case l.read != nil:
			return l.read(d, b, wire)
		case l.noIP:
			return LinkWithoutIP
		}
	}
	if d.ip(b, wire) == ok { // as in Zeek: an unknown link type may still be IP
		return ok
	}
	return UnknownLinkType
}

// behind returns a reader that skips a header of n bytes.
func behind(n int, read func(*Decoder, []byte, int) Reason) func(*Decoder, []byte, int) Reason {
	return func(d *Decoder, b []byte, wire int) Reason {
		if len(b) < n {
			return TruncatedLink
		}
		return read(d, b[n:], wire-n)
	}
}

// typedBehind returns a reader that skips n bytes and decodes from the EtherType on.
func typedBehind(n int) func(*Decoder, []byte, int) Reason {
	return func(d *Decoder, b []byte, wire int) Reason { return d.tagged(n, b, wire) }
}

// taggedEthernet returns a reader of Ethernet with a tag of n bytes after the addresses.
func taggedEthernet(n int) func(*Decoder, []byte, int) Reason {
	return func(d *Decoder, b []byte, wire int) Reason {
		if len(b) < linkAddrsLen {
			return TruncatedLink
		}
		d.macs.read(b)
		return d.tagged(linkAddrsLen+n, b, wire)
	}
}
