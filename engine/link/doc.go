// Package link watches the layer below IP and the protocols that give out addresses: ARP,
// neighbor discovery and DHCP. It knows which link-layer address uses which IP address, who
// asked for what, and which servers give out leases, and returns the statistics of the
// behaviors Claims, Resolved, Leases and Servers of package features.
//
// References: RFC 826 (ARP), RFC 5227 (address conflicts), RFC 4861 (neighbor discovery),
// RFC 2131 (DHCP), RFC 8415 (DHCPv6).
//
// All tables are bounded; the least recently used entry is replaced. A Watcher must not be
// used by several goroutines at once. All time is event time.
package link
