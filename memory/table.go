package memory

import (
	"slices"
	"time"
)

// finish validates the complete machine and builds its table.
func (p *pageReader) finish(lines int) (*Machine, error) {
	m := p.m
	end := p.opened + lines
	switch {
	case p.opened == 0:
		return nil, p.errorf(1, "no %s block", openFence)
	case !p.closed:
		return nil, p.errorf(p.opened, "diagram is not closed by %s", fence)
	case p.initial == 0:
		return nil, p.errorf(end, "no initial state: want `%s %s state`", outside, arrow)
	case len(m.Transitions) == 0:
		return nil, p.errorf(end, "no arrows between states")
	}
	for _, t := range m.Transitions {
		if slices.Contains(m.Terminal, t.From) {
			return nil, p.errorf(t.Line, "terminal state %s has an exit to %s", t.From, t.To)
		}
	}
	if err := p.limits(end); err != nil {
		return nil, err
	}
	p.buildTable()
	return m, nil
}

// limits resolves the time-outs of the notes.
func (p *pageReader) limits(end int) error {
	m := p.m
	m.limit = make([]time.Duration, len(m.States))
	for _, t := range m.Timeouts {
		s := slices.Index(m.States, t.State)
		switch {
		case s < 0:
			return p.errorf(end, "note for state %.20q, which has no arrow", t.State)
		case m.limit[s] != 0:
			return p.errorf(end, "state %s has two time-outs", t.State)
		case p.seen[[2]string{t.State, timeout}] == 0:
			return p.errorf(end, "state %s has a time-out, but no arrow for event %s", t.State, timeout)
		}
		m.limit[s] = t.After
	}
	return nil
}

func (p *pageReader) buildTable() {
	m := p.m
	m.width = len(m.Events)
	m.next = make([]State, len(m.States)*m.width)
	m.Table = make([][]State, len(m.States))
	for s := range m.States {
		m.Table[s] = m.next[s*m.width : (s+1)*m.width : (s+1)*m.width]
		for e := range m.Table[s] {
			m.Table[s][e] = State(s)
		}
	}
	for _, t := range m.Transitions {
		m.Table[slices.Index(m.States, t.From)][slices.Index(m.Events, t.Event)] = State(slices.Index(m.States, t.To))
	}
}
