package features

import (
	"errors"

	"github.com/netlyra/netlyra/engine/internal/state"
)

// stateVersion changes with every change to the fields of entries or to their meaning.
const stateVersion = 6

var errSlot = errors.New("snapshot: slot number is outside of the table")

// AppendState appends a snapshot of the complete state. Only occupied slots take space.
func (e *Extractor) AppendState(dst []byte) []byte {
	c := state.Writer(dst)
	e.fields(c)
	return c.Bytes()
}

// Restore replaces the state by the snapshot at the start of b and returns the rest of b. It
// fails if the snapshot has other table sizes or another version, or is corrupted; the
// extractor is then empty.
func (e *Extractor) Restore(b []byte) (rest []byte, err error) {
	e.Reset()
	c := state.Reader(b)
	e.fields(c)
	if c.Err() != nil {
		e.Reset()
		return b, c.Err()
	}
	return c.Bytes(), nil
}

// Reset discards the complete state.
func (e *Extractor) Reset() {
	e.conns.reset()
	e.sources.reset()
	e.targets.reset()
	e.pairs.reset()
	e.services.reset()
	e.clients.reset()
	e.duos.reset()
	e.sweeps.reset()
	e.domains.reset()
	e.census = newCensus()
	e.view = View{}
}

func (e *Extractor) fields(c *state.Codec) {
	c.Same("version of features", stateVersion)
	e.conns.fields(c, "connections", (*conn).fields)
	e.sources.fields(c, "sources", (*source).fields)
	e.targets.fields(c, "targets", (*target).fields)
	e.pairs.fields(c, "pairs", (*pair).fields)
	e.services.fields(c, "services", (*service).fields)
	e.clients.fields(c, "clients", func(*struct{}, *state.Codec) {})
	e.duos.fields(c, "duos", (*duo).fields)
	e.sweeps.fields(c, "sweeps", (*sweep).fields)
	e.domains.fields(c, "domains", (*domain).fields)
	e.census.fields(c)
}

func (s *sets[V]) fields(c *state.Codec, name string, fields func(*V, *state.Codec)) {
	c.Same("number of "+name, uint64(len(s.vals)))
	c.U32(&s.clock)
	c.U64(&s.evicted)
	n := c.Len(s.live, len(s.vals))
	if c.Reading() {
		for range n {
			s.slot(c, fields)
		}
		return
	}
	for slot := range s.vals {
		if s.keys[slot/ways][slot%ways] != 0 {
			at := uint32(slot)
			c.U32(&at)
			c.U64(&s.keys[slot/ways][slot%ways])
			c.U32(&s.used[slot/ways][slot%ways])
			fields(&s.vals[slot], c)
		}
	}
}

// slot reads one entry.
func (s *sets[V]) slot(c *state.Codec, fields func(*V, *state.Codec)) {
	var at uint32
	c.U32(&at)
	if c.Err() != nil || int64(at) >= int64(len(s.vals)) {
		c.Fail(errSlot)
		return
	}
	c.U64(&s.keys[at/ways][at%ways])
	c.U32(&s.used[at/ways][at%ways])
	fields(&s.vals[at], c)
	s.live++
}

func (k *clock) fields(c *state.Codec) {
	c.I64(&k.first)
	c.I64(&k.last)
}

func (k *cadence) fields(c *state.Codec) {
	c.I64(&k.at)
	c.U16(&k.packets)
	c.U8(&k.opened)
}

func (d *distinct) fields(c *state.Codec) {
	c.I64(&d.period)
	c.Sparse(d.now[:])
	c.Sparse(d.past[:])
}

func (d *few) fields(c *state.Codec) {
	c.I64(&d.period)
	c.U64(&d.now)
	c.U64(&d.past)
}

func (b *Budget) fields(c *state.Codec) {
	c.I64(&b.last)
	c.F32(&b.count)
}

func (e *conn) fields(c *state.Codec) {
	e.clock.fields(c)
	for i := range 2 {
		c.U32(&e.packets[i])
		c.F64(&e.bytes[i])
		c.F64(&e.sizes[i])
	}
	c.F32(&e.entropy)
	c.U32(&e.entropyN)
	c.U8(&e.orig)
	c.Bool(&e.answered)
	c.Bool(&e.closed)
	c.Bool(&e.reset)
	c.Bool(&e.complete)
	c.Bool(&e.unasked)
	c.Bool(&e.waiting)
	c.Bool(&e.ended)
	c.Bool(&e.midstream)
	c.Bool(&e.asked)
	c.U16(&e.driven)
	c.I64(&e.dataAt)
	for _, r := range []*rhythm{&e.beats, &e.beatSizes} {
		r.fields(c)
	}
	c.I64(&e.beatAt)
	c.U32(&e.due)
	c.F32(&e.tail)
}

func (e *source) fields(c *state.Codec) {
	e.clock.fields(c)
	e.cadence.fields(c)
	for _, a := range []*amount{&e.packets, &e.bytes, &e.payload, &e.empty, &e.down, &e.opened, &e.answered, &e.errors, &e.unasked, &e.strange} {
		c.F32s(a[:])
	}
	c.F32((*float32)(&e.pending))
	for _, d := range []*distinct{&e.ports, &e.peers, &e.slowPorts, &e.slowPeers, &e.admin, &e.missing} {
		d.fields(c)
	}
	c.F32(&e.odd)
	for i := range e.oddAt {
		c.I64(&e.oddAt[i])
	}
	peaks(c, e.peaks[:])
	for i := range e.offers {
		e.offers[i].fields(c)
		c.I64(&e.anomalousAt[i])
	}
	c.F32s(e.tail[:])
}

func (e *target) fields(c *state.Codec) {
	e.clock.fields(c)
	e.cadence.fields(c)
	for _, a := range []*amount{&e.packets, &e.opened, &e.answered, &e.attempts, &e.completed, &e.datagrams, &e.replies, &e.pings, &e.requests} {
		c.F32s(a[:])
	}
	c.F32((*float32)(&e.pending))
	e.sources.fields(c)
	e.ports.fields(c)
	c.F32(&e.waiting)
	e.clients.fields(c)
	peaks(c, e.peaks[:])
	c.U64(&e.leader)
	c.F32(&e.votes)
	for i := range e.offers {
		e.offers[i].fields(c)
		c.I64(&e.anomalousAt[i])
	}
	c.F32(&e.tail)
}

func (e *pair) fields(c *state.Codec) {
	e.clock.fields(c)
	e.cadence.fields(c)
	for _, a := range []*amount{&e.opened, &e.up, &e.down, &e.filled, &e.entropy, &e.squares, &e.ended, &e.queryData, &e.unnamed, &e.denied} {
		c.F32s(a[:])
	}
	c.I64(&e.lastOpen)
	for _, r := range []*rhythm{&e.gaps, &e.sizes, &e.lengths, &e.results} {
		r.fields(c)
	}
	c.F64(&e.sent)
	c.U8(&e.names)
	c.F32(&e.odd)
	peaks(c, e.peaks[:])
	c.F32s(e.novelties[:])
	c.I64(&e.alarmedAt)
	c.I64(&e.learnedAt)
	c.U16(&e.learned)
	c.F32s(e.tail[:])
}

func (p *probes) fields(c *state.Codec) {
	p.tried.fields(c)
	p.accepted.fields(c)
}

func (r *rhythm) fields(c *state.Codec) {
	c.F32(&r.mean)
	c.F32(&r.spread)
	c.U32(&r.n)
}

func (e *domain) fields(c *state.Codec) {
	e.clock.fields(c)
	e.names.fields(c)
	for _, a := range []*amount{&e.data, &e.fresh, &e.found} {
		c.F32s(a[:])
	}
	e.peak.Fields(c)
}

func (e *duo) fields(c *state.Codec) {
	e.clock.fields(c)
	e.fast.fields(c)
	e.slow.fields(c)
	c.F32((*float32)(&e.pending))
	peaks(c, e.peaks[:])
}

func (e *sweep) fields(c *state.Codec) {
	e.clock.fields(c)
	e.fast.fields(c)
	e.slow.fields(c)
	c.F32((*float32)(&e.pending))
	peaks(c, e.peaks[:])
}

func peaks(c *state.Codec, list []Peak) {
	for i := range list {
		list[i].Fields(c)
	}
}
