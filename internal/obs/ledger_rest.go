package obs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// lagAge is how old the lag in a report may be.
const lagAge = 500 * time.Millisecond

// atRest reports whether nothing moves and nothing waits: then what is missing on the
// right of an equation is lost, and not on its way. Packets that no engine reads wait.
func (b *Book) atRest(now time.Time) bool {
	if len(b.lanes) == 0 || now.Sub(b.moved) < restAfter && b.runs() {
		return false
	}
	since := b.moved
	if b.runs() {
		since = since.Add(lagAge)
	}
	for _, l := range b.lanes {
		at, v := l.views.last()
		if v.status.Lag > 0 || v.status.Held > 0 || at.Before(since) {
			return false
		}
	}
	for _, l := range b.logs {
		if _, v := l.views.last(); v.progress.Done < v.progress.End {
			return false
		}
	}
	for _, p := range b.processes {
		if p.state == models.ProcessRuns && p.inside() {
			return false
		}
	}
	return true
}

// runs reports whether any process does.
func (b *Book) runs() bool {
	for _, p := range b.processes {
		if p.state == models.ProcessRuns {
			return true
		}
	}
	return false
}

// inside reports whether something is between two counts of a stage.
func (p *process) inside() bool {
	for _, c := range p.last.Stages {
		if c.Stage != stageLive && c.Stage != stageConsume && c.In > c.Out+sumOf(c.Dropped) {
			return true
		}
	}
	return false
}

// settle looks at the log when everything rests. What is on it and nobody told of came
// from processes that were killed before their last report, or from other programs, or
// is older than the book. What a model had taken in that is lost is forgotten.
func (b *Book) settle(now time.Time) {
	if !b.atRest(now) {
		return
	}
	s := b.sums(now)
	for i := range links {
		c := &links[i]
		if c.name != checkLog && c.name != checkAlerts && c.name != checkConnections {
			continue
		}
		_, left := c.terms(c.in, s)
		_, right := c.terms(c.out, s)
		switch r := int64(left - right); {
		case r < 0:
			b.others[c.name] += uint64(-r)
			b.changes++
		case r > 0 && b.returned && b.others[c.name] > 0:
			b.others[c.name] -= min(uint64(r), b.others[c.name])
			b.changes++
		case r > 0 && c.name == checkLog:
			b.forget(uint64(r))
		}
	}
	for _, l := range b.lanes {
		l.lost = 0
	}
	b.uncertain, b.returned = false, false
}

// forget accounts for packets that are nowhere while a model has begun anew.
func (b *Book) forget(r uint64) {
	var lost uint64
	for _, l := range b.lanes {
		lost += l.lost
	}
	if lost = min(lost, r); lost > 0 {
		b.forgotten += lost
		b.changes++
	}
}

// wrongAfter is how long a ledger must not add up before that is called a fault.
const wrongAfter = 3 * time.Second

// Health says that the ledger has not added up for a while, or that a model has begun
// anew for want of its checkpoint and is still learning.
func (b *Book) Health() error {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, n := range slices.Sorted(maps.Keys(b.lanes)) {
		_, v := b.lanes[n].views.last()
		if b.lanes[n].anew && !v.status.Warm {
			errs = append(errs, fmt.Errorf("the model of lane %d has begun anew, for its checkpoint could not be used; it learns, and scores nothing for %d more packets", n, v.status.WarmAfter))
		}
	}
	rest, wrong := b.atRest(now), ""
	for _, c := range evaluate(b.sums(now), rest) {
		if !c.Holds && wrong == "" {
			wrong = fmt.Sprintf("the ledger does not add up: %s: %s", c.Name, c.Why)
		}
	}
	switch {
	case wrong == "":
		b.wrong = time.Time{}
	case b.wrong.IsZero():
		b.wrong = now
	case now.Sub(b.wrong) > wrongAfter:
		errs = append(errs, errors.New(wrong+" (GET /api/v1/ledger, netlyra ledger)"))
	}
	return Minor(Together(errs...))
}

// notes are for a reader who wonders.
func (b *Book) notes() []string {
	notes := []string{}
	for _, name := range []string{checkLog, checkAlerts, checkConnections} {
		if n := b.others[name]; n > 0 {
			what := "records"
			if name == checkLog {
				what = "packets"
			}
			notes = append(notes, fmt.Sprintf("%s: %d %s are on the log that no process told of. They came from a process that was killed before its last report, from another program, or from before %s.", name, n, what, b.since))
		}
	}
	if b.forgotten > 0 {
		notes = append(notes, fmt.Sprintf("log: %d packets were taken in by a model whose checkpoint was lost; the model began anew.", b.forgotten))
	}
	if b.uncertain {
		notes = append(notes, "A process vanished without a good-bye, or this ledger is new: its last counts are known when everything rests.")
	}
	return notes
}
