package synth

import (
	"encoding/binary"
	"io"
	"math/rand/v2"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// Where things are in a frame.
const (
	ipAt    = 14
	tcpAt   = ipAt + 20
	dataAt  = tcpAt + 20
	srcAt   = ipAt + 12
	dstAt   = ipAt + 16
	ipSumAt = ipAt + 10
)

// TCP flags.
const (
	flagSYN = 0x02
	flagPSH = 0x08
	flagACK = 0x10
)

// template is a frame of one size with all variable fields zero, and the checksums of the
// constant ones.
type template struct {
	frame         []byte
	ipSum, tcpSum uint32
	data          uint32 // payload bytes
}

// flow is the number of bytes that each end has sent.
type flow struct{ orig, resp uint32 }

// Source generates frames. It implements capture.Source.
type Source struct {
	cfg     Config
	sizes   []*template // repeats
	control *template   // of handshakes: no data
	flows   []flow
	counts  capture.Counts
	n       uint64 // frames so far
	next    int    // flow
	size    int    // index of sizes
	round   uint64
	step    float64 // ns between frames
	closed  bool
}

// New returns a source.
func New(cfg Config) (*Source, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg, flows: make([]flow, cfg.Flows), control: newTemplate(dataAt), step: 1e9 / cfg.Rate}
	list, _ := cfg.sizes()
	made := map[int]*template{}
	for _, n := range list {
		if made[n] == nil {
			made[n] = newTemplate(n)
		}
		s.sizes = append(s.sizes, made[n])
	}
	return s, nil
}

// newTemplate returns a frame of n bytes with a random payload.
func newTemplate(n int) *template {
	b := make([]byte, n)
	copy(b, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0})
	binary.BigEndian.PutUint16(b[ipAt+2:], uint16(n-ipAt))
	b[ipAt+6], b[ipAt+8], b[ipAt+9] = 0x40, 64, 6
	b[tcpAt+12] = 5 << 4
	binary.BigEndian.PutUint16(b[tcpAt+14:], 65535)
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	for i := dataAt; i < n; i++ {
		b[i] = byte(rng.Uint32())
	}
	return &template{frame: b, ipSum: sum(b[ipAt:tcpAt]), tcpSum: sum(b[tcpAt:]) + 6 + uint32(n-tcpAt), data: uint32(n - dataAt)}
}

// sum adds 16-bit words (RFC 1071); at most 9000 bytes do not overflow.
func sum(b []byte) (s uint32) {
	for ; len(b) > 1; b = b[2:] {
		s += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func words(v uint32) uint32 { return v>>16 + v&0xffff }

func fold(s uint32) uint16 {
	s = words(s)
	return ^uint16(words(s))
}

// Next yields the next frame of the next flow.
func (s *Source) Next(f *models.Frame) error {
	if s.closed || s.cfg.Count != 0 && s.n >= s.cfg.Count {
		s.counts.Publish()
		return io.EOF
	}
	var t *template
	var flags byte
	var up bool
	if round := s.round; s.cfg.Handshake && round < 3 {
		t, flags, up = s.control, [3]byte{flagSYN, flagSYN | flagACK, flagACK}[round], round != 1
	} else {
		t, flags, up = s.sizes[s.size], flagACK|flagPSH, (s.round+uint64(s.next))&1 == 0
		if s.size++; s.size == len(s.sizes) {
			s.size = 0
		}
	}
	t.patch(uint32(s.next), &s.flows[s.next], up, flags)
	if s.next++; s.next == len(s.flows) {
		s.next = 0
		s.round++
	}
	f.TS = s.cfg.Start + models.Timestamp(float64(s.n)*s.step)
	f.Link, f.WireLen, f.Data, f.Iface = models.LinkEthernet, uint32(len(t.frame)), t.frame, ""
	s.n++
	s.counts.Receive()
	return nil
}

// patch turns the template into a packet of flow i: from 10.0.0.0/8 to one of 256 servers
// in 198.18.0.0/15, port 443, or back.
func (t *template) patch(i uint32, fl *flow, up bool, flags byte) {
	client, server := 0x0a000000|i, 0xc6120000|i&0xff
	cport := 32768 + i%28000
	src, dst, sport, dport, seq, ack := client, server, cport, uint32(443), fl.orig, fl.resp
	used := t.data + uint32(flags&flagSYN)/flagSYN
	if up {
		fl.orig += used
	} else {
		src, dst, sport, dport, seq, ack = dst, src, dport, sport, ack, seq
		fl.resp += used
	}
	if flags&flagACK == 0 {
		ack = 0
	}
	b := t.frame
	binary.BigEndian.PutUint32(b[srcAt:], src)
	binary.BigEndian.PutUint32(b[dstAt:], dst)
	addrs := words(src) + words(dst)
	binary.BigEndian.PutUint16(b[ipSumAt:], fold(t.ipSum+addrs))
	binary.BigEndian.PutUint32(b[tcpAt:], sport<<16|dport)
	binary.BigEndian.PutUint32(b[tcpAt+4:], seq)
	binary.BigEndian.PutUint32(b[tcpAt+8:], ack)
	b[tcpAt+13] = flags
	binary.BigEndian.PutUint16(b[tcpAt+16:], fold(t.tcpSum+addrs+sport+dport+words(seq)+words(ack)+uint32(flags)))
}

// Close ends the source: Next returns io.EOF.
func (s *Source) Close() error {
	s.closed = true
	s.counts.Publish()
	return nil
}

// Stats returns the number of frames.
func (s *Source) Stats() capture.Stats { return s.counts.Stats() }
