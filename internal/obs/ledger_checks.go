package obs

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// The equations of the ledger, as a table. Those of single stages are made from the
// stages that there are; the ones here tie one stage to the next, over the log too.
// A link is left out where it has no figure at all.
var links = []check{
	{
		name: "frames", says: "frames captured = frames decoded; an aggregate of 802.11 has more packets than one",
		in: []summand{out(stageCapture)}, out: []summand{in(stageDecode)}, surplus: "further packets in one frame",
	},
	{
		name: "track", says: "packets decoded = packets tracked in connections",
		in: []summand{out(stageDecode)}, out: []summand{out(stageConntrack)},
	},
	{
		name: "hand over", says: "packets tracked = packets handed to the publisher",
		in: []summand{out(stageConntrack)}, out: []summand{in(stagePublish)}, slack: unsettled,
	},
	{
		name: "log", says: "packets published = taken in by the model + held + missing + in flight",
		in: []summand{
			published(stagePublish), pending(stagePublish),
			{"refused by the broker", dropped(stagePublish, dropRefused)},
			others("log"),
		},
		out: []summand{
			{"taken in", func(s *sums) models.LedgerTerm { return n(s.lanes.Packets) }},
			{"held for their turn", func(s *sums) models.LedgerTerm { return n(s.lanes.Held) }},
			{"missing", func(s *sums) models.LedgerTerm { return n(s.lanes.Missing) }},
			{"taken in by a model that was lost", func(s *sums) models.LedgerTerm { return n(s.forgotten) }},
		},
		slack: untold("log", stagePublish),
		rest: []summand{
			{"published again, and left out", func(s *sums) models.LedgerTerm { return n(s.lanes.Duplicates) }},
			{"refused at the end", dropped(stagePublish, dropRefused)},
			{"unreadable, and put aside", func(s *sums) models.LedgerTerm { return n(s.lanes.Unreadable) }},
		},
	},
	{
		name: "model", says: "packets taken in = scored + those of the warm-up",
		in: []summand{{"taken in", func(s *sums) models.LedgerTerm { return n(s.lanes.Packets) }}},
		out: []summand{
			{"scored", func(s *sums) models.LedgerTerm { return n(s.lanes.Scored) }},
			{"warm-up", func(s *sums) models.LedgerTerm { return n(s.lanes.Cold) }},
		},
	},
	{
		name: "verdict", says: "packets scored = part of an alert + passed",
		in: []summand{{"scored", func(s *sums) models.LedgerTerm { return n(s.lanes.Scored) }}},
		out: []summand{
			{"part of an alert", func(s *sums) models.LedgerTerm { return n(s.lanes.Alerted) }},
			{"withheld by the budget of alerts", func(s *sums) models.LedgerTerm { return n(s.lanes.Withheld) }},
			{"passed", func(s *sums) models.LedgerTerm { return n(s.lanes.Passed) }},
		},
	},
	{
		name: "alerts told", says: "alerts that began or grew = records handed to the publisher",
		in:  []summand{in(stageAlert)}, // what it passed on is counted when the publisher has it
		out: []summand{in(stageSendAlerts), {"not published", func(s *sums) models.LedgerTerm { return n(sumOf(s.told.stage(stageAlert).Dropped)) }}},
	},
	logged("alerts", stageSendAlerts),
	logged("connections", stageSendConnections),
}

// logged is the equation of a topic that the recorder reads.
func logged(topic, stage string) check {
	return check{
		name: topic, says: topic + " published, records = worked off by the recorder + in flight",
		in:    []summand{published(stage), pending(stage), others(topic)},
		out:   []summand{{"worked off", func(s *sums) models.LedgerTerm { return n(s.done[topic]) }}},
		slack: untold(topic, stage),
	}
}

// ofStage is the equation that every stage must satisfy by itself.
func ofStage(stage string) check {
	says := "what came in = passed on + dropped by reason"
	if stage == stageDecode {
		says = "captured = decoded + skipped by reason"
	}
	return check{
		name: stage, says: says,
		in: []summand{{"came in", func(s *sums) models.LedgerTerm { return n(s.all.stage(stage).In) }}},
		out: []summand{
			{"passed on", func(s *sums) models.LedgerTerm { return n(s.all.stage(stage).Out) }},
			{"dropped", dropped(stage, "")},
			{"left behind by processes that ended", func(s *sums) models.LedgerTerm { return n(s.left[stage]) }},
		},
	}
}

// check is one equation: what is in, less what is out, is on its way.
type check struct {
	name, says string
	in, out    []summand
	slack      func(*sums) uint64 // how far the right side may be ahead, for it was counted later
	surplus    string             // what the right side may have more of at any time
	rest       []summand          // what explains the remainder at rest, at most
}

// summand is one part of a side, with its name.
type summand struct {
	name string
	of   func(*sums) models.LedgerTerm
}

// sums is what the checks look at: a consistent view of all processes.
type sums struct {
	all       totals            // of all processes
	told      totals            // without those that vanished, whose stages were not counted to their end
	pending   map[string]uint64 // by stage, of processes that run: came in, and neither out nor dropped yet
	left      map[string]uint64 // the same of those that do not run any more
	grown     map[string]uint64 // by stage, of processes that run: what came in between their last two reports
	running   map[string]uint64 // by stage: processes
	lanes     models.LedgerLane // all lanes added up
	done      map[string]uint64 // "alerts", "connections": records worked off
	others    map[string]uint64 // by check: on the log, and told of by nobody
	forgotten uint64            // packets that only a lost model had taken in
	atRest    bool
}

func n(n uint64) models.LedgerTerm { return models.LedgerTerm{N: n} }

func in(stage string) summand {
	return summand{"came into " + stage, func(s *sums) models.LedgerTerm { return n(s.told.stage(stage).In) }}
}

func out(stage string) summand {
	return summand{"passed on by " + stage, func(s *sums) models.LedgerTerm { return n(s.told.stage(stage).Out) }}
}

func published(stage string) summand {
	return summand{"acknowledged by the broker", func(s *sums) models.LedgerTerm { return n(s.all.stage(stage).Out) }}
}

func pending(stage string) summand {
	return summand{"not yet acknowledged", func(s *sums) models.LedgerTerm { return n(s.pending[stage]) }}
}

func others(check string) summand {
	return summand{"on the log, told of by no process", func(s *sums) models.LedgerTerm { return n(s.others[check]) }}
}

// dropped is what a stage dropped for reason, "" is all of it.
func dropped(stage, reason string) func(*sums) models.LedgerTerm {
	return func(s *sums) models.LedgerTerm {
		by := s.all.stage(stage).Dropped
		if reason != "" {
			return n(by[reason])
		}
		t := models.LedgerTerm{N: sumOf(by)}
		if len(by) > 0 {
			t.By = maps.Clone(by)
		}
		return t
	}
}

// settledEvery is how many frames a sensor counts before it brings the sums to its
// stages, while the publisher counts each packet.
const settledEvery = 256

// unsettled is what running sensors may not have told yet. Aggregates of 802.11 have
// some packets in each frame.
func unsettled(s *sums) uint64 { return 4 * settledEvery * s.running[stagePublish] }

// lateReports is how many reports of a process may be on their way to a core, or not yet
// made, on a machine that is busy; and lateLeast what a process may have sent meanwhile
// that had sent nothing before.
const (
	lateReports = 4
	lateLeast   = 1024
)

// untold is what processes may have sent since their last reports: nothing at rest. Where
// others than these write to the log, nobody can say.
func untold(check, stage string) func(*sums) uint64 {
	return func(s *sums) uint64 {
		switch {
		case s.others[check] > 0:
			return math.MaxInt64
		case s.atRest:
			return 0
		}
		return lateReports*s.grown[stage] + lateLeast*s.running[stage]
	}
}

// evaluate works out one equation. At rest nothing may be on its way.
func (c *check) evaluate(s *sums, atRest bool) models.LedgerCheck {
	res := models.LedgerCheck{Name: c.name, Says: c.says}
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
		res.Difference, res.Why = r, fmt.Sprintf("%d more came out than went in", -r)
	case r > 0 && atRest:
		res.Difference, res.Why = r, fmt.Sprintf("%d went in and are nowhere: nothing moves, and nothing waits", r)
	default:
		res.InFlight = r
	}
	res.Holds = res.Difference == 0
	return res
}

// explain says what the remainder r at rest consists of, and how much of it.
func (c *check) explain(s *sums, r uint64) (terms []models.LedgerTerm, sum uint64) {
	for _, t := range c.rest {
		v := t.of(s)
		v.Name, v.N, v.By = t.name, min(v.N, r-sum), nil
		if v.N > 0 {
			terms = append(terms, v)
			sum += v.N
		}
	}
	return terms, sum
}

// terms is the summands with their values. Those that are always shown come first;
// one without a value is left out behind the first.
func (c *check) terms(list []summand, s *sums) (out []models.LedgerTerm, sum uint64) {
	for i, t := range list {
		v := t.of(s)
		v.Name = t.name
		sum += v.N
		if v.N > 0 || i == 0 {
			out = append(out, v)
		}
	}
	return out, sum
}

// evaluate is the whole table: each stage by itself, then the links.
func evaluate(s *sums, atRest bool) []models.LedgerCheck {
	s.atRest = atRest
	var all []models.LedgerCheck
	for _, stage := range stagesOf(s.all) {
		if stage == stageConsume { // of the engine the lanes tell, whose totals outlive it
			continue
		}
		c := ofStage(stage)
		all = append(all, c.evaluate(s, atRest))
	}
	for i := range links {
		if c := links[i].evaluate(s, atRest); counts(&c) {
			all = append(all, c)
		}
	}
	return all
}

// counts reports whether any figure is there: a process without a sensor has no frames.
func counts(c *models.LedgerCheck) bool {
	for _, t := range slices.Concat(c.In, c.Out) {
		if t.N > 0 {
			return true
		}
	}
	return false
}

// stagesOf is the names of the stages along the way of the data.
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
