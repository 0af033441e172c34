package features

import (
	"math"

	"github.com/netlyra/netlyra/internal/models"
)

// webPorts are the ports of services that speak HTTP.
func isWebPort(p uint16) bool {
	switch p {
	case 80, 443, 8000, 8008, 8080, 8081, 8443, 8888:
		return true
	}
	return false
}

// isAmplifier reports whether a datagram service answers more than it is asked, which attacks
// with forged addresses use.
func isAmplifier(p uint16) bool {
	switch p {
	case 17, 19, 53, 69, 111, 123, 137, 161, 389, 427, 520, 1434, 1900, 3283, 3389, 3702, 5093, 5353, 5683, 10001, 11211, 20800, 27015, 27960, 32414, 37810, 47808:
		return true
	}
	return false
}

// isUnasked reports whether the first packet of a connection is an answer: a SYN+ACK or RST
// without a connection attempt, a datagram of an amplifier, or an ICMP message that is not a
// request. Data in the middle of a TCP connection, as at the start of a capture, is not.
func isUnasked(v *View) bool {
	m := v.Meta
	switch m.Proto {
	case models.ProtoTCP:
		return m.Flags&models.FlagSYN != 0 && m.Flags&models.FlagACK != 0 || m.Flags&models.FlagRST != 0 && m.PayloadLen == 0
	case models.ProtoUDP:
		return isAmplifier(v.ServicePort())
	case models.ProtoICMP:
		return m.SrcPort == 0
	case models.ProtoICMPv6:
		return m.SrcPort == 129
	}
	return false
}

// observeOneSided counts what the ends of a connection leave without an answer.
func (e *Extractor) observeOneSided(v *View, f, g fading) {
	s, t, m, c := v.source, v.target, v.Meta, v.conn
	for _, a := range [...]*amount{&t.attempts, &t.completed, &t.datagrams, &t.replies, &t.pings, &t.requests} {
		a.fade(g)
	}
	t.waiting *= g[long960]
	s.odd *= f[long960]
	s.errors.fade(f)
	s.unasked.fade(f)
	s.strange.fade(f)
	if v.FromOrig && m.Proto == models.ProtoTCP && flagRarity[m.Flags] == flagsInvalid {
		s.strange.add(1)
		v.moved.mark(StrangeFlags)
	}
	if icmpError(m) {
		s.errors.add(1)
		v.moved.mark(ErrorFlood)
		return
	}
	if v.Opened && !v.FromOrig && Answerable(m.Dst) && isUnasked(v) {
		c.unasked = true
	}
	v.unasked = c.unasked
	switch {
	case c.unasked && v.FromOrig:
		c.unasked = false // the host did ask; the capture missed it
	case c.unasked:
		s.unasked.add(1)
		v.moved.mark(Unasked)
		return
	}
	if !Answerable(v.Target()) {
		return
	}
	if v.Opened && (!c.answered || c.midstream) {
		t.attempts.add(1)
		v.moved.mark(HalfOpen)
	}
	switch {
	case c.midstream && !v.FromOrig && m.Flags&models.FlagRST == 0:
		c.midstream = false
		t.completed.add(1)
	case v.completes:
		t.completed.add(1)
	case v.refused: // the destination has decided, but a flood of refused attempts is one too
		t.completed.add(refusedShare)
	}
	if m.Proto != models.ProtoTCP {
		e.observeDatagram(v)
	} else if isWebPort(v.ServicePort()) {
		v.observeRequest()
	}
}

// strangeFlags is the number of packets with invalid TCP flags in the last minute. Of a burst,
// only a few for each port count: a flood has one port.
func (s *source) strangeFlags() float64 {
	n := float64(s.strange[mid60])
	if fast := float64(s.strange[short4]); fast > 100 || fast > 0.9*n {
		n = min(n, 3*s.ports.estimate())
	}
	return n
}

// refusedShare is the part of a refused attempt that counts as completed.
const refusedShare = 0.8

// observeDatagram counts the datagrams of both directions, and ICMP requests.
func (e *Extractor) observeDatagram(v *View) {
	t := v.target
	if isICMP(v.Meta.Proto) {
		if !v.FromOrig {
			return
		}
		switch v.Meta.SrcPort {
		case 8, 128: // echo
			v.moved.mark(EchoData)
			fallthrough
		case 13, 15, 17: // time, information and address mask
			t.pings.add(1)
			v.moved.mark(PingFlood)
		}
		return
	}
	if v.FromOrig {
		t.datagrams.add(1)
		v.moved.mark(OneWay)
	} else {
		t.replies.add(1)
	}
}

// observeQuery counts the payload of a DNS query beyond that of ordinary names. Encrypted
// queries (DNSCrypt) are told by their entropy.
func (v *View) observeQuery() {
	m := v.Meta
	if m.DstPort != 53 || m.Entropy > plainEntropy || m.PayloadLen <= plainQuery {
		return
	}
	v.pair.queryData.add(float32(m.PayloadLen - plainQuery))
	v.moved.mark(QueryData)
}

// plainQuery is the payload of a DNS query with a long but ordinary name, in bytes;
// plainEntropy is the highest entropy of a DNS message, in hundredths of a bit per byte.
const (
	plainQuery   = 80
	plainEntropy = 650
)

// observeRequest counts the connections to a web service that wait for the rest of a request:
// they are complete, but the service has sent nothing.
func (v *View) observeRequest() {
	c, t := v.conn, v.target
	if v.completes && !c.waiting {
		c.waiting = true
		t.waiting++
		v.moved.mark(Waiting)
	}
	if c.waiting && (!v.FromOrig && v.Meta.PayloadLen > 0 || c.closed) {
		c.waiting = false
		t.waiting = max(t.waiting-1, 0)
	}
}

// observeEnd counts the connections of a pair that end after a short exchange, as attempts to
// log in do, and its first administrative session.
func (v *View) observeEnd(ts int64) {
	p, c, m := v.pair, v.conn, v.Meta
	if m.Proto != models.ProtoTCP || !c.answered {
		return
	}
	if !c.ended && c.closed {
		c.ended = true
		up, down := c.bytes[c.orig&1], c.bytes[c.orig&1^1]
		if up >= 4 && up <= 30000 && down >= 4 && down <= 100000 && c.age() < 120*second {
			p.ended.add(1)
			p.lengths.add(float32(up))
			p.results.add(float32(down))
			v.moved.mark(Logins, LoginsSlow)
			if isWebPort(v.ServicePort()) {
				v.target.requests.add(1)
				v.moved.mark(Requests)
			}
		}
	}
	if v.completes && isAdminPort(v.ServicePort()) && p.opened[long960] < 1.5 {
		v.source.admin.turn(ts, longest)
		v.source.admin.add(v.TargetKey)
		v.moved.mark(AdminHosts)
	}
}

// isAdminPort reports whether the service gives an administrative session on a host.
func isAdminPort(p uint16) bool {
	switch p {
	case 22, 23, 135, 445, 512, 513, 514, 3389, 5900, 5985, 5986:
		return true
	}
	return false
}

// alike is 0…1: how similar the connections of the pair are that ended. Failed attempts to log
// in differ by the lengths of names and passwords only.
func (p *pair) alike() float64 {
	if p.lengths.n < 3 {
		return 0.5
	}
	return clamp01(p.lengths.regularity())
}

// echoData is the payload of echo requests in the last minute beyond what ping sends: its
// messages have the same size.
func (v *View) echoData() float64 {
	p := v.pair
	n := p.filled[mid60]
	if n < 2 {
		return 0
	}
	mean := p.up[mid60] / n
	spread := math.Sqrt(max(float64(p.squares[mid60]/n-mean*mean), 0))
	return float64(p.up[mid60]) * clamp01(spread/32)
}

// calls is the regularity of the pair's connections times the similarity of their amounts,
// weighted by their number, up to 64.
func (v *View) calls() float64 {
	p := v.pair
	if p.gaps.n < 4 || p.gaps.mean < 1 {
		return 0
	}
	return p.gaps.regularity() * min(p.sizes.regularity(), 5)
}

// AddOdd adds evidence of a group of features about the packet's source. The evidence halves in
// 16 minutes. bits may be negative; the sum is at least 0. The groups of a pair add at most
// maxOdd for each of the source's pairs: a first contact or a regular poll is one fact, however
// often it is evaluated.
func (v *View) AddOdd(g Group, bits float32) {
	switch g {
	case Pair, Service, Novelty:
		bits = min(bits, maxOdd-v.pair.odd)
		v.pair.odd = max(v.pair.odd+bits, 0)
	}
	v.source.odd = max(v.source.odd+bits, 0)
	v.moved.mark(Odd)
}

// maxOdd is the evidence that one pair can add.
const maxOdd = 6
