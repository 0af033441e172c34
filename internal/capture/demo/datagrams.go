package demo

import "math/rand/v2"

// exchange is a sequence of datagrams between two ends, one per message: UDP, or ICMP if ports
// are 0 and the messages contain the header.
type exchange struct {
	rng          *rand.Rand
	client, serv *host
	v6           bool
	proto        uint8
	cport, sport uint16
	script       []message
	msg          int
	label        string
}

// newExchange is a UDP exchange from an ephemeral port.
func newExchange(rng *rand.Rand, client, server *host, port uint16, script []message) *exchange {
	return &exchange{rng: rng, client: client, serv: server, proto: protoUDP, cport: ephemeral(rng), sport: port, script: script}
}

func (e *exchange) step(g *Generator, now int64) (int64, bool) {
	m := &e.script[e.msg]
	p := packet{src: e.client, dst: e.serv, v6: e.v6, proto: e.proto, sport: e.cport, dport: e.sport, body: m, n: m.n}
	if !m.up {
		p.src, p.dst, p.sport, p.dport = e.serv, e.client, e.sport, e.cport
	}
	g.emit(&p, e.label)
	if e.msg++; e.msg == len(e.script) {
		return 0, false
	}
	next := &e.script[e.msg]
	travel := e.client.rtt
	if m.up {
		travel = e.serv.rtt
	}
	if m.up == next.up {
		travel = 0
	}
	return now + next.gap + jitter(e.rng, travel), true
}

// echo is an ICMP echo request (RFC 792) or, with up false, its reply, with n bytes of
// the pool as data.
func echo(up bool, id, seq uint16, pool []byte, at, n int) message {
	kind := byte(0)
	if up {
		kind = 8
	}
	return message{up: up, head: []byte{kind, 0, 0, 0, byte(id >> 8), byte(id), byte(seq >> 8), byte(seq)}, n: 8 + n, pool: pool, at: at}
}

// pingData is the data of a ping message.
var pingData = []byte("abcdefghijklmnopqrstuvwabcdefghi")

// portUnreachable is an ICMP message about a UDP probe without data: the header of
// the probe comes back (RFC 792).
func portUnreachable(p *packet) message {
	h := make([]byte, 8, 36)
	h[0], h[1] = 3, 3
	var b [128]byte
	probe := *p
	src := *p.src // a copy, so that its packet counter does not change
	src.id--
	probe.src = &src
	f := build(b[:], &probe)
	h = append(h, f[etherHeader:etherHeader+28]...)
	return message{head: h, n: len(h)}
}
