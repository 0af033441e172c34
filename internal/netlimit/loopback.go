package netlimit

import "net/netip"

// IsLoopback reports whether host, without a port, is localhost or a loopback address.
// IPv4-mapped IPv6 addresses count as IPv4; a zone is ignored.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
