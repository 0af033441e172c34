package models

import "net/netip"

// UnmapPrefix returns p masked, as an IPv4 prefix if it contains only IPv4-mapped IPv6
// addresses: ::ffff:10.0.0.0/104 becomes 10.0.0.0/8.
func UnmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
