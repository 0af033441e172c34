package features

import (
	"math"

	"github.com/netlyra/netlyra/internal/models"
)

// domain is the state of a source and a registered domain that it asks for.
type domain struct {
	clock
	names distinct
	data  amount // bytes of new names left of the domain
	fresh amount // number of new names
	found amount // answers for names that exist
	peak  Peak
}

// observeName counts what the names in DNS, TLS and HTTP messages show.
func (e *Extractor) observeName(v *View, ts int64, f fading) {
	n := &v.Meta.Name
	switch n.Kind {
	case models.NameDNSQuery:
		if v.FromOrig && v.ServicePort() == 53 && n.Domain != reverse4 && n.Domain != reverse6 {
			e.observeQuestion(v, ts)
		}
	case models.NameDNSAnswer:
		if !v.FromOrig && v.ServicePort() == 53 {
			e.observeAnswer(v, ts)
		}
	case models.NameTLS:
		v.observePairName()
		if n.Len == 0 && v.FromOrig && v.isCovert() {
			v.pair.unnamed.add(1)
			v.moved.mark(UnnamedTLS)
		}
	case models.NameHTTP:
		v.observePairName()
		if !v.FromOrig && (n.Type == 401 || n.Type == 403) {
			v.pair.denied.add(1)
		}
	}
}

// What the names of a pair's connections show, as bits.
const (
	pairNamed    uint8 = 1 << iota // a server name, or the host of a request
	pairNameless                   // a TLS session without server name, or a request to an address
)

// observePairName records whether the source calls the destination by name.
func (v *View) observePairName() {
	n := &v.Meta.Name
	switch address := n.Labels == 4 && n.DomainLen == n.Len; {
	case !v.FromOrig:
	case n.Len == 0 || address:
		v.pair.names |= pairNameless
	default:
		v.pair.names |= pairNamed
	}
}

func (d *domain) fade(ts int64, fresh bool) {
	f := fadeFor(d.move(ts, fresh))
	d.data.fade(f)
	d.fresh.fade(f)
	d.found.fade(f)
}

// observeAnswer counts the answers for names that exist, by domain, and those that do not.
func (e *Extractor) observeAnswer(v *View, ts int64) {
	n, s := &v.Meta.Name, v.source
	switch n.Code {
	case 0:
		d, fresh := e.domains.get(mix(v.SourceKey, belowOf(n)))
		d.fade(ts, fresh)
		d.found.add(1)
		return
	case noSuchName:
		s.missing.turn(ts, 60*second)
		s.missing.add(n.Domain)
		v.moved.mark(MissingDomains)
	}
	v.target.requests.add(1)
	v.moved.mark(Requests)
}

// belowOf returns the domain that a name is counted for: a name without a domain belongs to
// the root.
func belowOf(n *models.NameFacts) uint64 {
	if n.Labels == 1 {
		return 0
	}
	return n.Domain
}

// carried is the number of bytes that the source's new names of a domain may have carried.
// Short names that do not exist carry nothing: they are guesses, or a flood of queries.
func (d *domain) carried() float64 {
	data, fresh := float64(d.data[mid60]), float64(d.fresh[mid60])
	if data < shortName*fresh && d.found[mid60] < d.fresh[mid60]/4 {
		return 0
	}
	return data
}

// shortName is the number of bytes left of the domain up to which a name is short.
const shortName = 24

// noSuchName is the DNS response code NXDOMAIN (RFC 1035, section 4.1.1).
const noSuchName = 3

// observeQuestion counts the bytes of names that the source has not asked for in the last
// minutes, by registered domain.
func (e *Extractor) observeQuestion(v *View, ts int64) {
	n := &v.Meta.Name
	length := n.Len - min(n.DomainLen, n.Len)
	if n.Labels == 1 {
		length = n.Len
	}
	d, fresh := e.domains.get(mix(v.SourceKey, belowOf(n)))
	d.fade(ts, fresh)
	d.names.turn(ts, 60*second)
	if d.names.has(n.Hash) {
		return
	}
	d.names.add(n.Hash)
	if length > 0 {
		d.data.add(float32(length) * questionWeight(n.Type))
		d.fresh.add(1)
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
	return v.isUnusualPort() && !v.isInside()
}

// isInside reports whether the destination is in the source's network: a private address, or
// one that shares the first 16 bits (IPv4) or 48 bits (IPv6) with a source that is not private.
func (v *View) isInside() bool {
	a, b := v.Source().Unmap(), v.Target().Unmap()
	switch {
	case isLocal(b):
		return true
	case a.Is4() && b.Is4():
		x, y := a.As4(), b.As4()
		return [2]byte(x[:2]) == [2]byte(y[:2])
	case a.Is6() && b.Is6():
		x, y := a.As16(), b.As16()
		return [6]byte(x[:6]) == [6]byte(y[:6])
	}
	return false
}

// isUnusualPort reports whether the packet goes to a TCP port without a well-known service.
func (v *View) isUnusualPort() bool {
	port := v.ServicePort()
	if v.Meta.Proto != models.ProtoTCP || port < 1024 || isWebPort(port) || !Answerable(v.Target()) {
		return false
	}
	switch port {
	case 1194, 1433, 2049, 1521, 1723, 1883, 1935, 2083, 2087, 2096, 3128, 3268, 3269, 3306, 3389, 3478, 4500, 5060, 5061, 5222, 5223, 5228, 5242, 5243, 4244, 5269, 5349, 5432, 5671, 5672,
		5938, 6379, 6568, 7070, 6667, 6697, 8883, 9001, 9443, 27017:
		return false
	}
	return true
}

// observeBeat counts the intervals of a connection in which the originator sends a little and
// gets less than a quarter of it, or at a public address less than twice as much, at a port
// without a well-known service.
func (v *View) observeBeat(ts int64) {
	c, m := v.conn, v.Meta
	if !v.FromOrig || m.PayloadLen == 0 || m.PayloadLen > 2000 || !v.isUnusualPort() {
		return
	}
	most := c.bytes[c.orig&1] / 4 // of the answers
	if !v.isInside() {
		most *= 8
	}
	if c.bytes[c.orig&1^1] > most {
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

// observeDriven counts the exchanges that the responder begins after a pause, with a small
// message that the originator answers: a program that is controlled from outside.
func (v *View) observeDriven(ts int64) {
	c, m := v.conn, v.Meta
	if m.PayloadLen == 0 || !v.isCovert() {
		return
	}
	switch {
	case !v.FromOrig:
		c.asked = m.PayloadLen <= largestOrder && c.dataAt != 0 && ts-c.dataAt >= driverPause
	case c.asked:
		c.asked = false
		c.driven = min(c.driven+1, math.MaxUint16-1)
		v.moved.mark(Driven)
	}
	c.dataAt = ts
}

const (
	largestOrder = 400        // bytes of a message that asks for an answer
	driverPause  = second / 2 // silence before it
)

// orders is the number of exchanges that the responder began. Where it sends more than it
// gets, the originator is rather a subscriber.
func (c *conn) orders() float64 {
	n := float64(c.driven)
	if c.bytes[c.orig&1] < c.bytes[c.orig&1^1] {
		n *= 0.3
	}
	return n
}

// regularBeats is the regularity of the intervals within a connection times the similarity of the
// amounts.
func (c *conn) regularBeats() float64 {
	if c.beats.n < 8 {
		return 0
	}
	return c.beats.regularity() * min(c.beatSizes.regularity(), 5)
}
