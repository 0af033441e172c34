package features

import "github.com/netlyra/netlyra/internal/models"

// domain is the state of a source and a registered domain that it asks for.
type domain struct {
	clock
	names distinct
	data  amount // bytes of new names left of the domain
	peak  Peak
}

// observeName counts what the names in DNS, TLS and HTTP messages show.
func (e *Extractor) observeName(v *View, ts int64, f fading) {
	n := &v.Meta.Name
	s := v.source
	switch n.Kind {
	case models.NameDNSQuery:
		if v.FromOrig && v.ServicePort() == 53 && n.Domain != reverse4 && n.Domain != reverse6 {
			e.observeQuestion(v, ts)
		}
	case models.NameDNSAnswer:
		if n.Code == noSuchName && !v.FromOrig && v.ServicePort() == 53 {
			s.missing.turn(ts, 60*second)
			s.missing.add(n.Domain)
			v.moved.mark(MissingDomains)
		}
	case models.NameTLS:
		if n.Len == 0 && v.FromOrig && v.isCovert() {
			v.pair.unnamed.add(1)
			v.moved.mark(UnnamedTLS)
		}
	}
}

// noSuchName is the DNS response code NXDOMAIN (RFC 1035, section 4.1.1).
const noSuchName = 3

// observeQuestion counts the bytes of names that the source has not asked for in the last
// minutes, by registered domain.
func (e *Extractor) observeQuestion(v *View, ts int64) {
	n := &v.Meta.Name
	below, length := n.Domain, n.Len-min(n.DomainLen, n.Len)
	if n.Labels == 1 { // a name without a domain belongs to the root
		below, length = 0, n.Len
	}
	d, fresh := e.domains.get(mix(v.SourceKey, below))
	d.data.fade(fadeFor(d.move(ts, fresh)))
	d.names.turn(ts, 60*second)
	if d.names.has(n.Hash) {
		return
	}
	d.names.add(n.Hash)
	if length > 0 {
		d.data.add(float32(length) * questionWeight(n.Type))
		v.domain = d
		v.moved.mark(NameData)
	}
}

// questionWeight is the weight of a name by its query type: programs ask for addresses, tunnels
// often for types that can carry more.
func questionWeight(t uint16) float32 {
	switch t {
	case 5, 10, 15, 16, 25: // CNAME, NULL, MX, TXT, KEY
		return 2
	}
	return 1
}

// has reports whether the item, or another one with the same bit, was counted.
func (d *distinct) has(h uint64) bool {
	return (d.now[h>>6%sketchWords]|d.past[h>>6%sketchWords])&(1<<(h&63)) != 0
}

// hashName is the hash of models.NameFacts: FNV-1a, 64 bits.
func hashName(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h
}

// The domains of reverse look-ups, whose names are addresses.
var reverse4, reverse6 = hashName("in-addr.arpa"), hashName("ip6.arpa")

// isCovert reports whether the packet goes to a public address at a port without a well-known
// service.
func (v *View) isCovert() bool {
	return !isLocal(v.Target()) && v.isUnusualPort()
}

// isUnusualPort reports whether the packet goes to a TCP port without a well-known service.
func (v *View) isUnusualPort() bool {
	port := v.ServicePort()
	if v.Meta.Proto != models.ProtoTCP || port < 1024 || isWebPort(port) || !Answerable(v.Target()) {
		return false
	}
	switch port {
	case 1194, 1433, 2049, 1521, 1723, 1883, 1935, 2083, 2087, 2096, 3128, 3268, 3269, 3306, 3389, 3478, 4500, 5060, 5061, 5222, 5223, 5228, 5269, 5349, 5432, 5671, 5672,
		5938, 6379, 6667, 6697, 8883, 9001, 9443, 27017:
		return false
	}
	return true
}

// observeBeat counts the intervals of a connection in which the originator sends a little and
// gets nothing, at a port without a well-known service.
func (v *View) observeBeat(ts int64) {
	c, m := v.conn, v.Meta
	if !v.FromOrig || m.PayloadLen == 0 || m.PayloadLen > 2000 || !v.isUnusualPort() || c.bytes[c.orig&1^1] > c.bytes[c.orig&1]/4 {
		return
	}
	gap := float32(ts-c.beatAt) / 1e9
	if c.beatAt != 0 && gap < max(0.5, c.beats.mean/4) {
		return // part of the same message
	}
	if c.beatAt != 0 {
		c.beats.add(gap)
		c.beatSizes.add(float32(m.PayloadLen))
		v.moved.mark(Beats)
	}
	c.beatAt = ts
}

// beats is the regularity of the intervals within a connection times the similarity of the
// amounts.
func (c *conn) regularBeats() float64 {
	if c.beats.n < 8 {
		return 0
	}
	return c.beats.regularity() * min(c.beatSizes.regularity(), 5)
}
