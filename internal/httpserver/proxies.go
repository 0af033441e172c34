package httpserver

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the addresses whose word about a request counts.
type proxies []netip.Prefix

func (p proxies) trust(ip netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// hop is what one proxy said of the request that it received.
type hop struct{ from, host, proto, prefix string }

// via is the request as the outermost trusted proxy received it; ok is false where the
// peer is no trusted proxy, or says nothing. Of several proxies in a row the trusted
// ones are passed over from the nearest on (RFC 7239, section 8.1: what stands before
// them anybody can have written).
func (p proxies) via(peer netip.Addr, h http.Header) (client netip.Addr, said hop, ok bool) {
	if !peer.IsValid() || !p.trust(peer) {
		return peer, hop{}, false
	}
	hops := hopsOf(h)
	client = peer
	for i := len(hops) - 1; i >= 0; i-- {
		if hops[i].host != "" {
			said.host = hops[i].host
		}
		if hops[i].proto != "" {
			said.proto = hops[i].proto
		}
		if hops[i].prefix != "" {
			said.prefix = hops[i].prefix
		}
		ip, known := address(hops[i].from)
		if !known {
			break
		}
		if client = ip; !p.trust(ip) {
			break
		}
	}
	return client, said, len(hops) > 0
}

// hopsOf reads X-Forwarded-*, or Forwarded where there is none of them, the nearest
// proxy last. Proxies set one of the two and pass on what they do not know, so a
// Forwarded beside X-Forwarded-* may be the client's own.
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

// at is the i-th of n values. A list of another length has no place for each hop; its
// last value is the nearest proxy's.
func at(values []string, i, n int) string {
	switch {
	case len(values) == n:
		return values[i]
	case i == n-1 && len(values) > 0:
		return values[len(values)-1]
	}
	return ""
}

// list splits all fields of a header at commas outside of quotes.
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

// forwarded reads the elements of Forwarded (RFC 7239, section 4).
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

// address reads an IP address with or without a port.
func address(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return ip.Unmap().WithZone(""), err == nil
}
