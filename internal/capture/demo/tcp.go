package demo

import (
	"math/rand/v2"
	"time"
)

// mss is the maximum payload of a segment over IPv4 in Ethernet frames.
const mss = 1400

// synOptions: MSS 1460, SACK permitted, no-operation, window scale 7 (RFC 9293, 7323).
var synOptions = []byte{2, 4, 0x05, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1}

// What a session does next.
type phase uint8

const (
	sendSYN phase = iota
	sendSYNACK
	sendACK
	sendData
	sendDataACK // the receiver acknowledges
	sendFIN
	sendFINACK
	sendLastACK
	sendRST
	over
)

// session is a TCP connection that follows a script of messages. It simulates both ends, as
// captured inside the office.
type session struct {
	rng          *rand.Rand
	client, serv *host
	v6           bool
	cport, sport uint16
	script       []message
	spacing      int64 // ns between segments of a message
	abort        bool  // the client ends with a RST
	label        string

	phase    phase
	cseq, sq uint32 // next sequence number of client and server
	msg, off int
	unacked  int // segments since the receiver last acknowledged
}

// newSession returns a connection that begins at its first step.
func newSession(rng *rand.Rand, client, server *host, port uint16, script []message) *session {
	return &session{
		rng: rng, client: client, serv: server, cport: ephemeral(rng), sport: port, script: script,
		spacing: 90_000, cseq: rng.Uint32(), sq: rng.Uint32(),
	}
}

// ephemeral is a port of the dynamic range (RFC 6335).
func ephemeral(rng *rand.Rand) uint16 { return uint16(49152 + rng.IntN(16384)) }

// toServer and toClient are the times that an answer takes.
func (s *session) toServer() int64 { return jitter(s.rng, s.serv.rtt) }
func (s *session) toClient() int64 { return jitter(s.rng, s.client.rtt) }

// answer returns the response time of the other end.
func (s *session) answer(up bool) int64 {
	if up {
		return s.toServer()
	}
	return s.toClient()
}

// jitter returns d plus up to a fifth of it.
func jitter(rng *rand.Rand, d int64) int64 { return d + rng.Int64N(d/5+1) }

func (s *session) step(g *Generator, now int64) (int64, bool) {
	switch s.phase {
	case sendSYN:
		s.emit(g, true, syn, nil, 0, 0)
		s.phase = sendSYNACK
		return now + s.toServer(), true
	case sendSYNACK:
		s.emit(g, false, syn|ack, nil, 0, 0)
		s.phase = sendACK
		return now + s.toClient(), true
	case sendACK:
		s.emit(g, true, ack, nil, 0, 0)
		return now + s.nextMessage(), true
	case sendData:
		return now + s.data(g), true
	case sendDataACK:
		s.emit(g, !s.script[s.msg].up, ack, nil, 0, 0)
		s.unacked = 0
		return now + s.afterACK(), true
	}
	return s.closing(g, now)
}

// nextMessage is the pause before what comes now: a message, or the end.
func (s *session) nextMessage() int64 {
	if s.msg == len(s.script) {
		s.phase = sendFIN
		if s.abort {
			s.phase = sendRST
		}
		return s.toClient()
	}
	s.phase, s.off, s.unacked = sendData, 0, 0
	m := &s.script[s.msg]
	return m.gap + s.answer(!m.up)
}

// data sends a segment. Each second one, and a last one that no answer follows, is
// acknowledged on its own.
func (s *session) data(g *Generator) int64 {
	m := &s.script[s.msg]
	n := min(mss, m.n-s.off)
	flags := uint8(ack)
	if s.off+n == m.n {
		flags |= psh
	}
	s.emit(g, m.up, flags, m, s.off, n)
	s.off += n
	s.unacked++
	last := s.off == m.n
	if s.unacked == 2 || last && !s.answered() {
		s.phase = sendDataACK
		return min(s.answer(m.up), s.spacing)
	}
	return s.afterACK()
}

// afterACK continues with the message, or with the next one.
func (s *session) afterACK() int64 {
	if s.off < s.script[s.msg].n {
		s.phase = sendData
		return jitter(s.rng, s.spacing)
	}
	s.msg++
	return s.nextMessage()
}

// answered reports whether the answer comes soon enough to acknowledge the message.
func (s *session) answered() bool {
	next := s.msg + 1
	return next < len(s.script) && s.script[next].up != s.script[s.msg].up && s.script[next].gap < int64(40*time.Millisecond)
}

func (s *session) closing(g *Generator, now int64) (int64, bool) {
	switch s.phase {
	case sendFIN:
		s.emit(g, true, fin|ack, nil, 0, 0)
		s.phase = sendFINACK
		return now + s.toServer(), true
	case sendFINACK:
		s.emit(g, false, fin|ack, nil, 0, 0)
		s.phase = sendLastACK
		return now + s.toClient(), true
	case sendLastACK:
		s.emit(g, true, ack, nil, 0, 0)
	case sendRST:
		s.emit(g, true, rst|ack, nil, 0, 0)
	}
	s.phase = over
	return 0, false
}

// emit builds a segment of one end with n bytes of m.
func (s *session) emit(g *Generator, up bool, flags uint8, m *message, off, n int) {
	p := packet{
		src: s.client, dst: s.serv, v6: s.v6, proto: protoTCP, sport: s.cport, dport: s.sport,
		seq: s.cseq, ack: s.sq, flags: flags, window: s.client.window / 64 * 32, body: m, off: off, n: n,
	}
	if !up {
		p.src, p.dst, p.sport, p.dport = s.serv, s.client, s.sport, s.cport
		p.seq, p.ack, p.window = s.sq, s.cseq, s.serv.window/64*32
	}
	if flags&ack == 0 {
		p.ack = 0
	}
	used := uint32(n)
	if flags&syn != 0 {
		p.options, p.window = synOptions, p.src.window
		used++
	}
	if flags&fin != 0 {
		used++
	}
	g.emit(&p, s.label)
	if up {
		s.cseq += used
	} else {
		s.sq += used
	}
}
