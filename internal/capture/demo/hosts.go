package demo

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
)

// Addresses of the office, 192.168.10.0/24 and 2001:db8:10::/64.
var (
	dnsServer  = netip.MustParseAddr("192.168.10.2")
	fileServer = netip.MustParseAddr("192.168.10.10")
	printer    = netip.MustParseAddr("192.168.10.20")
	guest      = netip.MustParseAddr("192.168.10.66")
	mdnsGroup  = netip.MustParseAddr("224.0.0.251")
	broadcast  = netip.MustParseAddr("255.255.255.255")
	anyone     = netip.MustParseAddr("0.0.0.0")
)

// workstation is the address of workstation i, from 1.
func workstation(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, 10, byte(100 + i)}) }

// outsider is the address of an outside host that only attacks use.
func outsider(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}) }

// host is an end of packets. Outside hosts have the gateway's hardware address.
type host struct {
	ip, ip6 netip.Addr
	mac     [6]byte
	ttl     uint8 // as it is seen in the office
	window  uint16
	id      uint16 // of the next IPv4 packet
	rtt     int64  // ns from the point of capture to the host and back
	name    string // what it is called in DNS
}

// network is all hosts.
type network struct {
	gateway, dns, files, printer, guest *host
	mdns, all, unspecified              *host
	stations                            []*host
	sites                               []*host // web servers outside
	mail, clock                         *host
	others                              map[netip.Addr]*host // made when first asked for
	gatewayMAC                          [6]byte
}

// siteNames are what the office browses; each has three servers.
var siteNames = []string{
	"www.example.com", "news.example.org", "cdn.example.net", "static.example.com", "api.example.com", "mail.example.net",
	"docs.example.org", "video.example.net", "login.example.com", "img.example.org", "updates.example.net", "maps.example.com",
	"shop.example", "wiki.example.org", "search.example", "telemetry.example.net", "fonts.example.com", "ads.example.net",
}

func mac(last byte) [6]byte { return [6]byte{0x02, 0x4e, 0x4c, 0, 0, last} }

// inside is a host of the office by the last byte of its address.
func inside(last byte, ttl uint8, name string) *host {
	return &host{
		ip: netip.AddrFrom4([4]byte{192, 168, 10, last}), ip6: netip.MustParseAddr(fmt.Sprintf("2001:db8:10::%x", last)),
		mac: mac(last), ttl: ttl, window: 64240, rtt: 300_000, name: name,
	}
}

// newNetwork makes the office; rng decides what differs between outside hosts.
func newNetwork(rng *rand.Rand, stations int) *network {
	n := &network{gatewayMAC: mac(1), others: map[netip.Addr]*host{}}
	n.gateway = inside(1, 64, "gateway.office.example")
	n.dns = inside(2, 64, "dns.office.example")
	n.files = inside(10, 64, "files.office.example")
	n.printer = inside(20, 255, "printer.office.example")
	n.guest = inside(66, 64, "guest.office.example")
	for i := 1; i <= stations; i++ {
		ttl := uint8(128)
		if i%4 == 0 {
			ttl = 64
		}
		n.stations = append(n.stations, inside(byte(100+i), ttl, fmt.Sprintf("ws%02d.office.example", i)))
	}
	for i, name := range siteNames {
		for j := range 3 {
			n.sites = append(n.sites, n.outside(rng, [4]byte{198, 51, 100, byte(10 + i*3 + j)}, name))
		}
	}
	n.mail = n.outside(rng, [4]byte{192, 0, 2, 25}, "mx.example.net")
	n.clock = n.outside(rng, [4]byte{192, 0, 2, 123}, "ntp.example.net")
	n.mdns = &host{ip: mdnsGroup, ip6: netip.MustParseAddr("ff02::fb"), mac: [6]byte{0x01, 0, 0x5e, 0, 0, 0xfb}}
	n.all = &host{ip: broadcast, mac: [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	n.unspecified = &host{ip: anyone, ttl: 128}
	return n
}

func (n *network) outside(rng *rand.Rand, ip [4]byte, name string) *host {
	return &host{
		ip: netip.AddrFrom4(ip), ip6: netip.MustParseAddr(fmt.Sprintf("2001:db8:ffff:%x::%x", ip[2], ip[3])),
		mac: n.gatewayMAC, ttl: uint8(46 + rng.IntN(14)), window: 65535, rtt: 8_000_000 + rng.Int64N(50_000_000), name: name,
	}
}

// at returns the host of an address: one of the office, or a generated one. Sixteen thousand
// of those are cached; further spoofed addresses are generated again each time.
func (n *network) at(rng *rand.Rand, a netip.Addr) *host {
	for _, h := range [...]*host{n.gateway, n.dns, n.files, n.printer, n.guest, n.mail, n.clock} {
		if h.ip == a {
			return h
		}
	}
	for _, h := range n.stations {
		if h.ip == a {
			return h
		}
	}
	if h := n.others[a]; h != nil {
		return h
	}
	ip := a.As4()
	h := n.outside(rng, ip, "")
	if ip[0] == 192 && ip[1] == 168 {
		h = inside(ip[3], 64, "")
	}
	if len(n.others) < 1<<14 {
		n.others[a] = h
	}
	return h
}

// has reports whether a host of the office answers at this address.
func (n *network) has(a netip.Addr) bool {
	for _, h := range [...]*host{n.gateway, n.dns, n.files, n.printer} {
		if h.ip == a {
			return true
		}
	}
	for _, h := range n.stations {
		if h.ip == a {
			return true
		}
	}
	return false
}
