package live

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// OwnTraffic recognizes the traffic of NetLyra itself: TCP or UDP with one of its ports and
// an address of this host, each at either end. The ports alone would hide traffic of other
// hosts. It is immutable and safe for concurrent use.
type OwnTraffic struct {
	ports []uint16
	local []netip.Addr
}

// NewOwnTraffic matches the given ports and addresses of this host; loopback addresses are
// included. Without ports it returns nil, which matches nothing.
func NewOwnTraffic(ports []uint16, local []netip.Addr) *OwnTraffic {
	if len(ports) == 0 {
		return nil
	}
	o := &OwnTraffic{ports: slices.Clone(ports)}
	for _, a := range local {
		o.local = append(o.local, a.Unmap().WithZone(""))
	}
	return o
}

// LocalAddrs returns the addresses of the interfaces of this host, nil on error.
func LocalAddrs() []netip.Addr {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p.Addr())
		}
	}
	return out
}

// Match reports whether a frame is traffic of NetLyra. It examines Ethernet (with VLAN tags)
// and raw IP, IPv4 and IPv6 without extension headers; other frames do not match.
func (o *OwnTraffic) Match(link models.LinkType, frame []byte) bool {
	if o == nil {
		return false
	}
	ip := frame
	if link == models.LinkEthernet {
		if ip = etherPayload(frame); ip == nil {
			return false
		}
	} else if link != models.LinkRaw && link != models.LinkIPv4 && link != models.LinkIPv6 {
		return false
	}
	return o.matchIP(ip)
}

// etherPayload returns the bytes after the Ethernet header and up to two VLAN tags, nil if
// they are not IP.
func etherPayload(b []byte) []byte {
	for off := 12; off+2 <= len(b) && off <= 20; off += 4 {
		switch binary.BigEndian.Uint16(b[off:]) {
		case 0x0800, 0x86dd:
			return b[off+2:]
		case 0x8100, 0x88a8:
		default:
			return nil
		}
	}
	return nil
}

func (o *OwnTraffic) matchIP(b []byte) bool {
	if len(b) < 20 {
		return false
	}
	var proto byte
	var hdr int
	switch b[0] >> 4 {
	case 4:
		proto, hdr = b[9], int(b[0]&0xf)*4
		if binary.BigEndian.Uint16(b[6:])&0x1fff != 0 { // a later fragment has no ports
			return false
		}
	case 6:
		proto, hdr = b[6], 40
	default:
		return false
	}
	if proto != 6 && proto != 17 || hdr < 20 || len(b) < hdr+4 {
		return false
	}
	if !o.has(binary.BigEndian.Uint16(b[hdr:])) && !o.has(binary.BigEndian.Uint16(b[hdr+2:])) {
		return false
	}
	if hdr == 40 && b[0]>>4 == 6 {
		return o.isLocal(netip.AddrFrom16([16]byte(b[8:24]))) || o.isLocal(netip.AddrFrom16([16]byte(b[24:40])))
	}
	return o.isLocal(netip.AddrFrom4([4]byte(b[12:16]))) || o.isLocal(netip.AddrFrom4([4]byte(b[16:20])))
}

func (o *OwnTraffic) has(port uint16) bool { return slices.Contains(o.ports, port) }

func (o *OwnTraffic) isLocal(a netip.Addr) bool {
	return a.IsLoopback() || slices.Contains(o.local, a)
}
