package ledger

import (
	"fmt"
	"maps"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// equation states that the sum of in is the sum of out plus what is in flight.
type equation struct {
	name, text string
	in, out    []summand
	slack      func(*sums) uint64 // how far out may be ahead because it was counted later; nil: not at all
	surplus    string             // remainder that out may have more at any time; "" if none
	rest       []summand          // terms that explain a remainder at rest, up to their value
}

// sums is what the equations are evaluated on: a consistent view of all processes.
type sums struct {
	all        totals            // of all processes
	reported   totals            // without processes that sent no final report, whose last counts are unknown
	pending    map[string]uint64 // by stage, of running processes: came in, not yet out or dropped
	left       map[string]uint64 // the same of processes that stopped
	grown      map[string]uint64 // by stage, of running processes: what came in between their last two reports
	running    map[string]uint64 // by stage: number of running processes
	lanes      models.LedgerLane // sum of all lanes
	done       map[string]uint64 // by check: records processed by the recorder
	unreported map[string]uint64 // by check: on the topic, reported by no process
	forgotten  uint64            // packets that only a lost model had accepted
	atRest     bool
}

// evaluate computes one equation. At rest nothing may be in flight.
func (c *equation) evaluate(s *sums, atRest bool) models.LedgerCheck {
	res := models.LedgerCheck{Name: c.name, Says: c.text}
	var left, right uint64
	res.In, left = c.terms(c.in, s)
	res.Out, right = c.terms(c.out, s)
	r := int64(left - right)
	if atRest && r > 0 {
		more, explained := c.explain(s, uint64(r))
		res.Out = append(res.Out, more...)
		r -= int64(explained)
	}
	slack := int64(0)
	if c.slack != nil {
		slack = int64(c.slack(s))
	}
	switch {
	case r < 0 && c.surplus != "":
		res.InFlight, res.Remainder = r, c.surplus
	case r < -slack:
		res.Difference = r
		c.find(&res, vocabulary.FindingSurplus, uint64(-r), "%d more came out than went in")
	case r > 0 && atRest:
		res.Difference = r
		c.find(&res, vocabulary.FindingLost, uint64(r), "%d went in and did not come out, although nothing moves and nothing waits")
	default:
		res.InFlight = r
	}
	res.Holds = res.Difference == 0
	return res
}

// find sets the finding of an equation that does not hold.
func (c *equation) find(res *models.LedgerCheck, code string, count uint64, format string) {
	res.Why = fmt.Sprintf(format, count)
	res.Finding = &vocabulary.Condition{
		Stage: c.name, Code: code, Severity: vocabulary.SeverityDegraded, Params: map[string]any{"count": count}, Text: res.Why,
	}
}

// explain returns the terms that make up the remainder r at rest, and their sum.
func (c *equation) explain(s *sums, r uint64) (terms []models.LedgerTerm, sum uint64) {
	for _, t := range c.rest {
		v := t.of(s)
		v.Name, v.Stage, v.N, v.By = t.name, t.stage, min(v.N, r-sum), nil
		if v.N > 0 {
			terms = append(terms, v)
			sum += v.N
		}
	}
	return terms, sum
}

// terms returns the summands with their values. The first is always there, the others
// only with a value.
func (c *equation) terms(list []summand, s *sums) (out []models.LedgerTerm, sum uint64) {
	for i, t := range list {
		v := t.of(s)
		v.Name, v.Stage, v.By = t.name, t.stage, maps.Clone(v.By)
		sum += v.N
		if v.N > 0 || i == 0 {
			out = append(out, v)
		}
	}
	return out, sum
}

// evaluate computes all equations: each stage by itself, then the links.
func evaluate(s *sums, atRest bool) []models.LedgerCheck {
	s.atRest = atRest
	var all []models.LedgerCheck
	for _, stage := range stagesOf(s.all) {
		if stage == vocabulary.StageConsume { // the lanes have these counts, and they outlive a process
			continue
		}
		c := ofStage(stage)
		all = append(all, c.evaluate(s, atRest))
	}
	for i := range links {
		if c := links[i].evaluate(s, atRest); hasFigure(&c) {
			all = append(all, c)
		}
	}
	return all
}

// hasFigure reports whether any term has a value: without a sensor there are no frames.
func hasFigure(c *models.LedgerCheck) bool {
	for _, t := range slices.Concat(c.In, c.Out) {
		if t.N > 0 {
			return true
		}
	}
	return false
}

// stagesOf returns the stages that have counts, in the order of the data.
func stagesOf(t totals) []string {
	names := slices.Sorted(maps.Keys(t.stages))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

func sumOf(by map[string]uint64) (sum uint64) {
	for _, n := range by {
		sum += n
	}
	return sum
}
