package obs

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
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

// settle looks at the log. What is on it and nobody told of came from processes that
// were killed before their last report, from other programs, was delivered twice, or is
// older than the book. It shows when everything rests, and where nothing ever rests,
// when more came out than went in for longer than any report can be late.
func (b *Book) settle(now time.Time) {
	rest := b.atRest(now)
	s := b.sums(now)
	for i := range links {
		c := &links[i]
		if c.name != checkLog && c.name != checkAlerts && c.name != checkConnections {
			continue
		}
		_, left := c.terms(c.in, s)
		_, right := c.terms(c.out, s)
		r := int64(left - right)
		if late := b.late[c.name].ahead(r, now); late > 0 && !rest {
			b.others[c.name] += late
			b.changes++
		}
		if rest {
			b.settleAtRest(c.name, r)
		}
	}
	if rest {
		for _, l := range b.lanes {
			l.lost = 0
		}
		b.uncertain, b.returned = false, false
	}
	b.checks(now)
}

// wrongAfter is how long an equation must not hold before that is called a fault, while
// things move.
const wrongAfter = 3 * time.Second

// checks works out all equations. While things move, one side may have been told of and
// the other not yet: by a core that has just begun, or on a machine that is busy. What
// only such a moment explains is no difference before it has lasted. Nothing excuses one
// at rest.
func (b *Book) checks(now time.Time) []models.LedgerCheck {
	rest := b.atRest(now)
	list := evaluate(b.sums(now), rest)
	for i := range list {
		c := &list[i]
		if c.Holds {
			delete(b.wrong, c.Name)
			continue
		}
		if b.wrong[c.Name].IsZero() {
			b.wrong[c.Name] = now
		}
		if !rest && !b.lasts(c, now) {
			c.InFlight, c.Remainder = c.Difference, "told of by one side, and by the other not yet"
			c.Difference, c.Why, c.Holds = 0, "", true
		}
	}
	return list
}

// lasts reports whether an equation has not held for so long that it counts.
func (b *Book) lasts(c *models.LedgerCheck, now time.Time) bool {
	return now.Sub(b.wrong[c.Name]) > wrongAfter
}

// settleAtRest accounts for the remainder r of an equation when nothing is on its way.
func (b *Book) settleAtRest(check string, r int64) {
	switch {
	case r < 0:
		b.others[check] += uint64(-r)
		b.changes++
	case r > 0 && b.returned && b.others[check] > 0:
		b.others[check] -= min(uint64(r), b.others[check])
		b.changes++
	case r > 0 && check == checkLog:
		b.forget(uint64(r))
	}
}

// ahead is for how long the right side of an equation has been ahead of the left, and
// by how much at least.
type ahead struct {
	since time.Time
	least int64
}

// lateAfter is longer than the last report of a process can be away.
const lateAfter = expireAfter + time.Second

// ahead takes the remainder r and tells by how much the right side has been ahead for so
// long that no report explains it.
func (a *ahead) ahead(r int64, now time.Time) uint64 {
	switch {
	case r >= 0:
		*a = ahead{}
	case a.since.IsZero():
		*a = ahead{now, -r}
	default:
		a.least = min(a.least, -r)
		if now.Sub(a.since) > lateAfter {
			n := a.least
			*a = ahead{}
			return uint64(n)
		}
	}
	return 0
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
			errs = append(errs, Degraded(vocabulary.ConditionModelReset, Params{"lane": n, "warm_after": v.status.WarmAfter},
				"the model of lane %d was reset because its checkpoint could not be used; %d more packets until it scores", n, v.status.WarmAfter))
		}
	}
	for _, c := range b.checks(now) {
		if !c.Holds && b.lasts(&c, now) {
			errs = append(errs, Degraded(vocabulary.ConditionLedgerImbalance, Params{"check": c.Name, "difference": c.Difference},
				"the ledger does not balance: %s: %s (GET /api/v1/ledger, netlyra ledger)", c.Name, c.Why))
			break
		}
	}
	return Join(errs...)
}

// notes are for a reader who wonders.
func (b *Book) notes() []string {
	notes := []string{}
	for _, name := range []string{checkLog, checkAlerts, checkConnections} {
		if n := b.others[name]; n > 0 {
			what := "records (or offsets that carry none: markers of transactions, aborted, compacted)"
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
