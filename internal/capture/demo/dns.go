package demo

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
)

// Types of DNS records (RFC 1035, RFC 3596, RFC 9460).
const (
	dnsA    = 1
	dnsPTR  = 12
	dnsTXT  = 16
	dnsAAAA = 28
)

// dnsName is a name as labels.
func dnsName(b []byte, name string) []byte {
	for label := range strings.SplitSeq(name, ".") {
		b = append(b, byte(len(label)))
		b = append(b, label...)
	}
	return append(b, 0)
}

// dnsQuery is a query for one name (RFC 1035 section 4).
func dnsQuery(id uint16, name string, kind uint16) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = append(b, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	b = dnsName(b, name)
	b = binary.BigEndian.AppendUint16(b, kind)
	return append(b, 0, 1)
}

// dnsAnswer answers a query with records of the given data.
func dnsAnswer(query []byte, kind uint16, ttl uint32, data ...[]byte) []byte {
	b := append([]byte(nil), query...)
	b[2], b[3] = 0x81, 0x80
	if len(data) == 0 {
		b[3] = 0x83 // no such name
	}
	b[7] = byte(len(data))
	for _, d := range data {
		b = append(b, 0xc0, 12)
		b = binary.BigEndian.AppendUint16(b, kind)
		b = append(b, 0, 1)
		b = binary.BigEndian.AppendUint32(b, ttl)
		b = binary.BigEndian.AppendUint16(b, uint16(len(d)))
		b = append(b, d...)
	}
	return b
}

// lookup is a workstation asking for a name: A and AAAA, as resolvers do.
func lookup(rng *rand.Rand, n *network, client *host, name string, found *host) *exchange {
	var script []message
	qa, q6 := dnsQuery(uint16(rng.Uint32()), name, dnsA), dnsQuery(uint16(rng.Uint32()), name, dnsAAAA)
	a4, a6 := dnsAnswer(qa, dnsA, 300), dnsAnswer(q6, dnsAAAA, 300)
	if found != nil {
		ip4, ip6 := found.ip.As4(), found.ip6.As16()
		a4, a6 = dnsAnswer(qa, dnsA, 300, ip4[:]), dnsAnswer(q6, dnsAAAA, 300, ip6[:])
	}
	gap := rng.Int64N(15_000_000)
	if rng.IntN(3) == 0 {
		gap = 0 // from the cache of the server
	}
	script = append(script, whole(true, qa), whole(true, q6), whole(false, a4), whole(false, a6))
	script[1].gap, script[2].gap, script[3].gap = 80_000, gap, 120_000
	return newExchange(rng, client, n.dns, 53, script)
}

// whole is a message that is all head.
func whole(up bool, b []byte) message { return message{up: up, head: b, n: len(b)} }

// mdnsQuery is a workstation looking for services of its neighbors (RFC 6762).
func mdnsQuery(rng *rand.Rand, n *network, client *host) *exchange {
	services := [...]string{"_ipp._tcp.local", "_googlecast._tcp.local", "_smb._tcp.local", "_airplay._tcp.local"}
	q := dnsQuery(0, services[rng.IntN(len(services))], dnsPTR)
	q[2] = 0
	e := newExchange(rng, client, n.mdns, 5353, []message{whole(true, q)})
	e.cport = 5353
	return e
}
