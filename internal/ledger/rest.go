package ledger

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// lagAge is how old the lag in a report may be.
const lagAge = 500 * time.Millisecond

// atRest reports whether nothing moves and nothing waits. Then what is missing on the
// right side of an equation is lost, not in flight. Packets that no engine consumes wait.
func (b *Book) atRest(now time.Time) bool {
	if len(b.lanes) == 0 || now.Sub(b.moved) < restAfter && b.anyRunning() {
		return false
	}
	since := b.moved
	if b.anyRunning() {
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
		if p.state == vocabulary.ProcessRunning && p.hasInside() {
			return false
		}
	}
	return true
}

// anyRunning reports whether any process runs.
func (b *Book) anyRunning() bool {
	for _, p := range b.processes {
		if p.state == vocabulary.ProcessRunning {
			return true
		}
	}
	return false
}

// hasInside reports whether something is inside a stage: came in, and neither out nor dropped.
func (p *process) hasInside() bool {
	for _, c := range p.last.Stages {
		if c.Stage != vocabulary.StageLive && c.Stage != vocabulary.StageConsume && c.In > c.Out+sumOf(c.Dropped) {
			return true
		}
	}
	return false
}

// settle accounts for records on the topics that no process reported. They come from
// processes that were killed before their last report, from other programs or from
// before the book, or were delivered twice. They show at rest; where nothing ever rests,
// they show when more came out than went in for longer than any report can be late.
func (b *Book) settle(now time.Time) {
	rest := b.atRest(now)
	s := b.sums(now)
	for i := range links {
		c := &links[i]
		if !slices.Contains(topicChecks, c.name) {
			continue
		}
		_, left := c.terms(c.in, s)
		_, right := c.terms(c.out, s)
		r := int64(left - right)
		if late := b.late[c.name].observe(r, now); late > 0 && !rest {
			b.unreported[c.name] += late
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

// wrongAfter is how long an equation must not hold, while things move, before it counts
// as a difference.
const wrongAfter = 3 * time.Second

// checks evaluates all equations. While things move, one side may be reported before
// the other: to a core that has just started, or on a busy machine. Such a difference
// counts only after wrongAfter; at rest it counts at once.
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
			c.InFlight, c.Remainder = c.Difference, vocabulary.RemainderOneSided
			c.Difference, c.Why, c.Finding, c.Holds = 0, "", nil, true
		}
	}
	return list
}

// lasts reports whether an equation has not held for longer than wrongAfter.
func (b *Book) lasts(c *models.LedgerCheck, now time.Time) bool {
	return now.Sub(b.wrong[c.Name]) > wrongAfter
}

// settleAtRest accounts for the remainder r of an equation when nothing is in flight.
func (b *Book) settleAtRest(check string, r int64) {
	switch {
	case r < 0:
		b.unreported[check] += uint64(-r)
		b.changes++
	case r > 0 && b.returned && b.unreported[check] > 0:
		b.unreported[check] -= min(uint64(r), b.unreported[check])
		b.changes++
	case r > 0 && check == vocabulary.CheckLog:
		b.forget(uint64(r))
	}
}

// ahead measures since when the right side of an equation has been larger than the left,
// and by how much at least.
type ahead struct {
	since time.Time
	least int64
}

// lateAfter is longer than the last report of a process can be delayed.
const lateAfter = expireAfter + time.Second

// observe takes the remainder r. It returns by how much the right side has been ahead for
// longer than lateAfter, and starts again.
func (a *ahead) observe(r int64, now time.Time) uint64 {
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

// forget accounts for a remainder that a lost model explains.
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

// Health returns ConditionLedgerImbalance if an equation has not held for wrongAfter, and
// ConditionModelReset for each lane whose model was reset because its checkpoint was lost
// and is still untrained.
func (b *Book) Health() error {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, n := range slices.Sorted(maps.Keys(b.lanes)) {
		_, v := b.lanes[n].views.last()
		if b.lanes[n].reset && !v.status.Warm {
			errs = append(errs, obs.Degraded(vocabulary.ConditionModelReset, obs.Params{"lane": n, "warm_after": v.status.WarmAfter},
				"the model of lane %d was reset because its checkpoint could not be used; %d more packets until it scores", n, v.status.WarmAfter))
		}
	}
	for _, c := range b.checks(now) {
		if !c.Holds && b.lasts(&c, now) {
			errs = append(errs, obs.Degraded(vocabulary.ConditionLedgerImbalance, obs.Params{"check": c.Name, "difference": c.Difference},
				"the ledger does not balance: %s: %s (GET /api/v1/ledger, netlyra ledger)", c.Name, c.Why))
			break
		}
	}
	return obs.Join(errs...)
}

// conditions returns what a reader should know before relying on the sums.
func (b *Book) conditions() []vocabulary.Condition {
	list := []vocabulary.Condition{}
	add := func(check, code string, params map[string]any, format string, args ...any) {
		list = append(list, vocabulary.Condition{
			Stage: check, Code: code, Severity: vocabulary.SeverityInfo, Params: params, Text: fmt.Sprintf(format, args...),
		})
	}
	for _, check := range topicChecks {
		if n := b.unreported[check]; n > 0 {
			what := "records (or offsets without one: transaction markers, aborted or compacted records)"
			if check == vocabulary.CheckLog {
				what = "packets"
			}
			add(check, vocabulary.FindingUnreported, map[string]any{"count": n}, "%s: %d %s are on the topic that no process reported. They come from a process that was killed before its last report, from another program, or from before %s.", check, n, what, b.since)
		}
	}
	if b.forgotten > 0 {
		add(vocabulary.CheckLog, vocabulary.FindingLostModel, map[string]any{"count": b.forgotten}, "log: %d packets were accepted by a model whose checkpoint was lost; the model was reset.", b.forgotten)
	}
	if b.uncertain {
		add(vocabulary.CheckLog, vocabulary.FindingUncertain, nil, "A process stopped without a final report, or this ledger is new; its last counts are known once nothing moves.")
	}
	return list
}
