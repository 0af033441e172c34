package hours

import (
	"encoding/binary"
	"maps"
	"net"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// mac is a link-layer address.
type mac [6]byte

// ends are the addresses of a set of frames.
type ends struct {
	ips  map[netip.Addr]bool // of IP headers
	arps map[netip.Addr]bool // senders and targets of ARP
	macs map[mac]bool
}

func newEnds() ends { return ends{map[netip.Addr]bool{}, map[netip.Addr]bool{}, map[mac]bool{}} }

// EtherTypes.
const (
	typeIPv4  = 0x0800
	typeARP   = 0x0806
	typeVLAN  = 0x8100
	typeIPv6  = 0x86dd
	typeQinQ  = 0x88a8
	addresses = 12 // bytes of the two addresses of an Ethernet header
)

// network returns the EtherType of an Ethernet frame and what follows it, after VLAN tags.
func network(data []byte) (etherType uint16, rest []byte) {
	for o := addresses; len(data) >= o+2; o += 4 {
		etherType, rest = binary.BigEndian.Uint16(data[o:]), data[o+2:]
		if etherType != typeVLAN && etherType != typeQinQ {
			return etherType, rest
		}
	}
	return 0, nil
}

// add adds the addresses of an Ethernet frame.
func (e ends) add(data []byte) {
	if len(data) < addresses {
		return
	}
	e.macs[mac(data[:6])], e.macs[mac(data[6:12])] = true, true
	switch t, b := network(data); {
	case t == typeIPv4 && len(b) >= 20:
		set(e.ips, b[12:16])
		set(e.ips, b[16:20])
	case t == typeIPv6 && len(b) >= 40:
		set(e.ips, b[8:24])
		set(e.ips, b[24:40])
	case t == typeARP && len(b) >= 28 && b[4] == 6 && b[5] == 4:
		e.macs[mac(b[8:14])] = true
		set(e.arps, b[14:18])
		set(e.arps, b[24:28])
	}
}

func set(of map[netip.Addr]bool, b []byte) {
	a, _ := netip.AddrFromSlice(b)
	of[a.Unmap()] = true
}

// attackers returns the addresses by which an alert names the attack: those of the index that
// are in its frames. If none of them is in an IP header, the IP addresses that are in no frame
// of the hour count too; without IP headers those of ARP, and the link-layer addresses.
func (e ends) attackers(known *entry, hour ends) ends {
	out := newEnds()
	headers := false
	for _, of := range []map[netip.Addr]bool{e.ips, e.arps} {
		for a := range of {
			for _, p := range known.prefixes {
				if p.Contains(a) {
					out.ips[a] = true
					headers = headers || e.ips[a]
				}
			}
		}
	}
	for _, m := range known.macs {
		if e.macs[m] {
			out.macs[m] = true
		}
	}
	switch {
	case headers:
	case len(e.ips) > 0:
		maps.Copy(out.ips, fresh(e.ips, hour.ips))
	case len(out.ips)+len(out.macs) == 0:
		maps.Copy(out.ips, fresh(e.arps, hour.arps))
		maps.Copy(out.macs, fresh(e.macs, hour.macs))
	}
	return out
}

// fresh returns the addresses that are not in the hour, or all of them if the hour has all.
func fresh[A comparable](of, hour map[A]bool) map[A]bool {
	out := map[A]bool{}
	for a := range of {
		if !hour[a] {
			out[a] = true
		}
	}
	if len(out) == 0 {
		return of
	}
	return out
}

// named reports whether the source or destination of an alert is among the addresses.
func (e ends) named(a *models.Alert) bool {
	for _, text := range []string{a.SrcIP, a.DstIP} {
		if ip, err := netip.ParseAddr(text); err == nil && e.ips[ip.Unmap()] {
			return true
		}
		if m, err := net.ParseMAC(text); err == nil && len(m) == 6 && e.macs[mac(m)] {
			return true
		}
	}
	return false
}

// rename returns a frame with private IPv4 addresses of its IP header moved to 10.capture.host.x.
// Checksums keep their values. Frames with several tags and other protocols remain as they are.
func rename(data []byte, capture, host byte) []byte {
	o := addresses
	if len(data) >= 18 && binary.BigEndian.Uint16(data[o:]) == typeVLAN {
		o += 4
	}
	if len(data) < o+22 || binary.BigEndian.Uint16(data[o:]) != typeIPv4 {
		return data
	}
	out := append(make([]byte, 0, len(data)), data...)
	for _, q := range []int{o + 14, o + 18} {
		if netip.AddrFrom4([4]byte(out[q : q+4])).IsPrivate() {
			out[q], out[q+1], out[q+2] = 10, capture, host
		}
	}
	return out
}
