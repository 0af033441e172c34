package httpserver

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the addresses whose forwarding headers are trusted.
type proxies []netip.Prefix

func (p proxies) trust(ip netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// hop is what one proxy reports about the request that it received.
type hop struct{ from, host, proto, prefix string }

// via returns the client and what the outermost trusted proxy reports. ok is false if the
// peer is not a trusted proxy or sends no headers. In a chain of proxies, entries are
// followed from the nearest proxy on while they come from trusted ones; earlier entries
// may be forged (RFC 7239, section 8.1).
func (p proxies) via(peer netip.Addr, h http.Header) (client netip.Addr, report hop, ok bool) {
	if !peer.IsValid() || !p.trust(peer) {
		return peer, hop{}, false
	}
	hops := hopsOf(h)
	client = peer
	for i := len(hops) - 1; i >= 0; i-- {
		if hops[i].host != "" {
			report.host = hops[i].host
		}
		if hops[i].proto != "" {
			report.proto = hops[i].proto
		}
		if hops[i].prefix != "" {
			report.prefix = hops[i].prefix
		}
		ip, known := address(hops[i].from)
		if !known {
			break
		}
		if client = ip; !p.trust(ip) {
			break
		}
	}
	return client, report, len(hops) > 0
}

// hopsOf parses X-Forwarded-* or, if they are absent, Forwarded; the nearest proxy is last.
// Proxies set one of the two and forward headers they do not support, so a Forwarded
// beside X-Forwarded-* may come from the client.
func hopsOf(h http.Header) []hop {
	from, host := list(h, "X-Forwarded-For"), list(h, "X-Forwarded-Host")
	proto, prefix := list(h, "X-Forwarded-Proto"), list(h, "X-Forwarded-Prefix")
	n := max(len(from), min(1, len(host)+len(proto)+len(prefix)))
	if n == 0 {
		return forwarded(list(h, "Forwarded"))
	}
	hops := make([]hop, n)
	for i := range hops {
		hops[i] = hop{at(from, i, n), at(host, i, n), at(proto, i, n), at(prefix, i, n)}
	}
	return hops
}

// at returns the i-th of n values. In a list of another length only the last value can be
// attributed, to the nearest proxy.
func at(values []string, i, n int) string {
	switch {
	case len(values) == n:
		return values[i]
	case i == n-1 && len(values) > 0:
		return values[len(values)-1]
	}
	return ""
}

// list splits all fields of a header at unquoted commas.
func list(h http.Header, name string) (out []string) {
	for _, field := range h.Values(name) {
		for _, part := range split(field, ',') {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

func split(s string, sep byte) (out []string) {
	quoted, begin := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			out = append(out, s[begin:i])
			begin = i + 1
		}
	}
	return append(out, s[begin:])
}

// forwarded parses the elements of Forwarded (RFC 7239, section 4).
func forwarded(elements []string) (hops []hop) {
	for _, e := range elements {
		var x hop
		for _, pair := range split(e, ';') {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = strings.ReplaceAll(strings.Trim(value, `"`), `\`, "")
			switch strings.ToLower(name) {
			case "for":
				x.from = value
			case "host":
				x.host = value
			case "proto":
				x.proto = value
			}
		}
		hops = append(hops, x)
	}
	return hops
}

// address parses an IP address with or without a port.
func address(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return ip.Unmap().WithZone(""), err == nil
}
