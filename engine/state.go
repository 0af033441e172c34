package engine

import (
	"encoding/json"
	"fmt"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// stateVersion changes with every change to the snapshot of a pipeline.
const stateVersion = 9

// AppendState appends a snapshot. A pipeline that restores it gives the same results for the
// packets that follow.
func (p *Pipeline) AppendState(dst []byte) []byte {
	c := state.Writer(dst)
	p.head(c)
	c.SetBytes(p.extract.AppendState(c.Bytes()))
	for _, s := range p.scorers {
		c.SetBytes(s.forest.AppendState(c.Bytes()))
		s.fields(c)
	}
	p.final.fields(c)
	p.packets.fields(c)
	p.episodes.fields(c)
	p.behave.fields(c)
	p.patterns.fields(c)
	p.link.Fields(c)
	p.budget.fields(c)
	p.storm.fields(c)
	return c.Bytes()
}

// Restore restores a snapshot. It fails if the snapshot has another version or configuration
// or is corrupted; the pipeline is then untrained.
func (p *Pipeline) Restore(b []byte) error {
	err := p.restore(b)
	if err == nil {
		return nil
	}
	if again := p.reset(); again != nil {
		return again
	}
	return fmt.Errorf("lane %d: %w", p.lane, err)
}

func (p *Pipeline) restore(b []byte) error {
	c := state.Reader(b)
	p.head(c)
	if c.Err() != nil {
		return c.Err()
	}
	rest, err := p.extract.Restore(c.Bytes())
	if err != nil {
		return err
	}
	c.SetBytes(rest)
	for _, s := range p.scorers {
		if rest, err = s.forest.Restore(c.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", s.group, err)
		}
		c.SetBytes(rest)
		s.fields(c)
	}
	p.final.fields(c)
	p.packets.fields(c)
	p.episodes.fields(c)
	p.behave.fields(c)
	p.patterns.fields(c)
	p.link.Fields(c)
	p.budget.fields(c)
	p.storm.fields(c)
	if c.Err() == nil && len(c.Bytes()) > 0 {
		c.Fail(fmt.Errorf("snapshot: %d bytes after its end", len(c.Bytes())))
	}
	return c.Err()
}

func (p *Pipeline) head(c *state.Codec) {
	c.Same("version of the pipeline's state", stateVersion)
	c.Same("seed", p.cfg.Seed)
	for _, v := range []*uint64{&p.seen, &p.scored, &p.learned, &p.alerts, &p.passed, &p.alerted} {
		c.U64(v)
	}
	c.I64((*int64)(&p.eventTS))
}

func (s *scorer) fields(c *state.Codec) {
	s.tail.fields(c)
	for i := range s.n {
		for j := range s.typical[i].bins {
			c.U16(&s.typical[i].bins[j])
		}
		c.U32(&s.typical[i].total)
	}
	c.U64(&s.learned)
	c.U32(&s.leak)
}

func (t *tail) fields(c *state.Codec) {
	c.F32s(t.bins[:])
	c.F32(&t.total)
	c.F32s(t.logs[:])
	c.F64(&t.slope)
	c.F64(&t.gate)
	stale := int64(t.stale)
	c.I64(&stale)
	t.stale = int(stale)
}

func (e *episodes) fields(c *state.Codec) {
	c.I64((*int64)(&e.next))
	n := c.Len(len(e.list), e.most)
	if c.Reading() {
		clear(e.byKey)
		e.list = e.list[:0]
		for range n {
			ep := new(episode)
			ep.fields(c)
			e.add(ep)
		}
		return
	}
	for _, ep := range e.list {
		ep.fields(c)
	}
}

// maxAlertBytes bounds the size of an alert in a snapshot.
const maxAlertBytes = 1 << 16

func (ep *episode) fields(c *state.Codec) {
	c.U64(&ep.key)
	c.U8((*uint8)(&ep.group))
	c.U8((*uint8)(&ep.behavior))
	c.U64(&ep.published)
	c.F64(&ep.level)
	c.F64(&ep.described)
	c.F64(&ep.marked)
	c.F64(&ep.score)
	c.I64((*int64)(&ep.at))
	c.I64((*int64)(&ep.anomalyTS))
	c.I64((*int64)(&ep.began))
	c.Bool(&ep.wide)
	e := &ep.evidence
	for _, b := range []*bitmap{&e.ports, &e.peers, &e.sources} {
		c.Sparse(b[:])
	}
	for _, v := range []*uint64{&e.packets, &e.bytes, &e.syns, &e.opened} {
		c.U64(v)
	}
	if !c.Reading() {
		text, err := json.Marshal(&ep.alert)
		if err != nil { // does not happen: all values of an alert are finite
			c.Fail(err)
		}
		c.Text(&text, maxAlertBytes)
		return
	}
	var text []byte
	c.Text(&text, maxAlertBytes)
	ep.alert = models.Alert{}
	if c.Err() == nil {
		if err := json.Unmarshal(text, &ep.alert); err != nil {
			c.Fail(fmt.Errorf("snapshot: alert of an episode: %w", err))
		}
	}
	if ep.group > features.Behavioral || ep.behavior >= features.Behaviors {
		c.Fail(fmt.Errorf("snapshot: episode of unknown group %d or behavior %d", ep.group, ep.behavior))
		ep.group, ep.behavior = 0, 0
	}
}
