package demo

import (
	"math/rand/v2"
	"net/netip"
)

// backlog is how many half-open connections a server keeps before it no longer answers.
const backlog = 256

// beginSYNFlood: SYNs of one address to the web port of the file server.
func beginSYNFlood(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src := g.net.at(rng, k.Source)
	return synFlood(g, k, a, rng, now, func() *host { return src })
}

// beginSpoofedFlood: the same, each from another address.
func beginSpoofedFlood(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	model := g.net.outside(rng, [4]byte{198, 18, 0, 1}, "")
	return synFlood(g, k, a, rng, now, func() *host {
		h := *model
		// 198.18.0.0/15 is for benchmarks (RFC 2544) and never a real host.
		h.ip = netip.AddrFrom4([4]byte{198, byte(18 + rng.IntN(2)), byte(rng.Uint32()), byte(rng.Uint32())})
		h.ttl, h.id = uint8(40+rng.IntN(24)), uint16(rng.Uint32())
		return &h
	})
}

func synFlood(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64, source func() *host) actor {
	dst := g.net.at(rng, k.Target)
	b := newBeat(k, a, rng, now)
	open := 0
	b.do = func(g *Generator, b *beat, now int64) {
		src, sport := source(), uint16(1024+rng.IntN(64511))
		p := packet{src: src, dst: dst, proto: protoTCP, sport: sport, dport: 80, seq: rng.Uint32(), flags: syn, window: 64240, options: synOptions}
		g.emit(&p, b.label)
		if open++; open > backlog {
			return
		}
		r := packet{src: dst, dst: src, proto: protoTCP, sport: 80, dport: sport, seq: rng.Uint32(), ack: p.seq + 1, flags: syn | ack, window: dst.window, options: synOptions}
		b.reply(dst.rtt, func(g *Generator, _ int64) { g.emit(&r, b.label) })
	}
	return b
}

// beginUDPFlood: large datagrams to random ports.
func beginUDPFlood(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		m := message{n: 1400, pool: g.pools.noise, at: rng.IntN(poolSize)}
		g.emit(&packet{src: src, dst: dst, proto: protoUDP, sport: ephemeral(rng), dport: uint16(1 + rng.IntN(65535)), body: &m, n: m.n}, b.label)
	}
	return b
}
