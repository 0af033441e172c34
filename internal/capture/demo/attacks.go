package demo

import (
	"encoding/base32"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
)

// beat repeats an action once per interval until its end, as most attacks do. do is called
// for each action and may add sessions or emit one frame.
type beat struct {
	rng      *rand.Rand
	every    float64 // ns
	vary     float64 // share of the interval that is random
	end      int64
	label    string
	n        int
	do       func(g *Generator, b *beat, now int64)
	after    func(g *Generator, now int64) // a second frame of the same action
	afterGap int64
	pending  int64 // time of the next action, while after is pending
}

func newBeat(k Kind, a Attack, rng *rand.Rand, now int64) *beat {
	return &beat{rng: rng, every: 1e9 / a.Rate, vary: 0.6, end: now + int64(a.For), label: k.Name}
}

func (b *beat) step(g *Generator, now int64) (int64, bool) {
	if b.after != nil {
		after, next := b.after, max(b.pending, now)
		b.after = nil
		after(g, now)
		return next, next < b.end
	}
	b.do(g, b, now)
	b.n++
	next := now + max(1, int64(b.every*(1-b.vary/2+b.vary*b.rng.Float64())))
	if b.after != nil {
		b.pending = next
		return now + b.afterGap, true
	}
	return next, next < b.end
}

// reply makes f emit the answer after the time that it takes.
func (b *beat) reply(gap int64, f func(g *Generator, now int64)) {
	b.after, b.afterGap = f, jitter(b.rng, gap)
}

// openTCP are the open ports of the servers of the office.
func openTCP(a netip.Addr, port uint16) bool {
	switch a {
	case fileServer:
		return port == 22 || port == 80 || port == 445 || port == 139
	case dnsServer:
		return port == 22 || port == 53
	case printer:
		return port == 80 || port == 631 || port == 9100
	}
	return port == 445 && a.As4()[3] >= 100
}

// beginSYNScan: each port once, in random order; closed ones answer RST, open ones are
// reset by the scanner's side.
func beginSYNScan(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	ports := rng.Perm(10000)
	sport := ephemeral(rng)
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		probe(g, b, src, dst, sport, uint16(ports[b.n%len(ports)]+1), true)
	}
	return b
}

// probe is a SYN and its answer, if the host exists.
func probe(g *Generator, b *beat, src, dst *host, sport, port uint16, there bool) {
	p := packet{src: src, dst: dst, proto: protoTCP, sport: sport, dport: port, seq: b.rng.Uint32(), flags: syn, window: 1024, options: synOptions[:4]}
	g.emit(&p, b.label)
	if !there {
		return
	}
	r := packet{src: dst, dst: src, proto: protoTCP, sport: port, dport: sport, ack: p.seq + 1, flags: rst | ack}
	if openTCP(dst.ip, port) {
		r.seq, r.flags, r.window, r.options = b.rng.Uint32(), syn|ack, dst.window, synOptions[:4]
	}
	b.reply(dst.rtt, func(g *Generator, _ int64) { g.emit(&r, b.label) })
}

// beginHostSweep: one port of every address of the network.
func beginHostSweep(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, sport := g.net.at(rng, k.Source), ephemeral(rng)
	order := rng.Perm(254)
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		ip := netip.AddrFrom4([4]byte{192, 168, 10, byte(1 + order[b.n%len(order)])})
		probe(g, b, src, g.net.at(rng, ip), sport, 445, g.net.has(ip))
	}
	return b
}

// beginUDPScan: empty probes; a fifth is answered by port unreachable, for hosts
// answer at a limited rate.
func beginUDPScan(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	ports, sport := rng.Perm(10000), ephemeral(rng)
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		p := packet{src: src, dst: dst, proto: protoUDP, sport: sport, dport: uint16(ports[b.n%len(ports)] + 1)}
		g.emit(&p, b.label)
		if rng.IntN(5) == 0 {
			m := portUnreachable(&p)
			b.reply(dst.rtt, func(g *Generator, _ int64) {
				g.emit(&packet{src: dst, dst: src, proto: protoICMP, body: &m, n: m.n}, b.label)
			})
		}
	}
	return b
}

// beginBruteForce: SSH log-ins, three wrong passwords each.
func beginBruteForce(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		script := sshOpening(rng, "SSH-2.0-libssh2_1.11.0\r\n")
		script = cipher(script, rng, g.pools, true, ms, 68)
		script = cipher(script, rng, g.pools, false, ms, 52)
		for range 3 {
			script = cipher(script, rng, g.pools, true, 2*ms, 148)
			script = cipher(script, rng, g.pools, false, 60*ms+think(rng, 40*ms), 84)
		}
		s := newSession(rng, src, dst, 22, script)
		s.label = b.label
		g.add(now, s)
	}
	return b
}

// beginExfiltration: one TLS session that uploads all the time.
func beginExfiltration(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	script := tlsOpening(rng, g.pools, "")
	total := int(a.Rate * a.For.Seconds() * mss)
	for total > 0 {
		n := min(total, 4<<20)
		script = tlsData(script, rng, g.pools, true, 0, n)
		total -= n
		if len(script) > 1<<16 {
			break
		}
	}
	s := newSession(rng, src, dst, 443, script)
	// Each second segment is acknowledged in between, which takes time too.
	s.spacing = int64(1e9 / a.Rate / 1.6)
	s.label = k.Name
	return s
}

// beginBeacon: a short TLS session at a regular beat.
func beginBeacon(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	b := newBeat(k, a, rng, now)
	b.vary = 0.05
	b.do = func(g *Generator, b *beat, now int64) {
		script := tlsOpening(rng, g.pools, "cdn-update.example")
		script = tlsData(script, rng, g.pools, true, ms, 180)
		script = tlsData(script, rng, g.pools, false, 20*ms, 90+rng.IntN(8))
		s := newSession(rng, src, dst, 443, script)
		s.label = b.label
		g.add(now, s)
	}
	return b
}

// beginDNSTunnel: queries with data as names, answers with data as texts.
func beginDNSTunnel(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	code := base32.StdEncoding.WithPadding(base32.NoPadding)
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		data := strings.ToLower(code.EncodeToString(random(rng, 70)))
		q := dnsQuery(uint16(rng.Uint32()), fmt.Sprintf("%s.%s.t.tunnel.example", data[:56], data[56:]), dnsTXT)
		text := append([]byte{200}, random(rng, 200)...)
		answer := whole(false, dnsAnswer(q, dnsTXT, 0, text))
		answer.gap = 25 * ms
		e := newExchange(rng, src, dst, 53, []message{whole(true, q), answer})
		e.label = b.label
		g.add(now, e)
	}
	return b
}

// beginICMPTunnel: echoes with random data and one identifier.
func beginICMPTunnel(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor {
	src, dst := g.net.at(rng, k.Source), g.net.at(rng, k.Target)
	id := uint16(rng.Uint32())
	b := newBeat(k, a, rng, now)
	b.do = func(g *Generator, b *beat, now int64) {
		up := echo(true, id, uint16(b.n), g.pools.noise, rng.IntN(poolSize), 200+rng.IntN(1000))
		down := echo(false, id, uint16(b.n), g.pools.noise, rng.IntN(poolSize), 100+rng.IntN(1000))
		g.add(now, &exchange{rng: rng, client: src, serv: dst, proto: protoICMP, script: []message{up, down}, label: b.label})
	}
	return b
}
