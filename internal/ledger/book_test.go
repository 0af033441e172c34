package ledger

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// world is a sensor, an engine and a core that report to a book.
type world struct {
	t    *testing.T
	book *Book
	now  map[string]*models.InstanceStats // what each process would report next
}

func newWorld(t *testing.T) *world {
	return &world{t: t, book: NewBook("alerts", "connections"), now: map[string]*models.InstanceStats{}}
}

// process adds a process with these stages, all zero.
func (w *world) process(name string, stages ...string) *models.InstanceStats {
	s := &models.InstanceStats{Instance: name, Role: name, Started: models.TimestampOf(time.Now())}
	for _, stage := range stages {
		s.Stages = append(s.Stages, models.StageCounts{Stage: stage})
	}
	w.now[name] = s
	return s
}

func (w *world) standard() {
	w.process("sensor", vocabulary.StageCapture, vocabulary.StageDecode, vocabulary.StageConntrack, vocabulary.StagePublish, vocabulary.StageSendConnections)
	w.process("engine", vocabulary.StageConsume, vocabulary.StageScore, vocabulary.StageAlert, vocabulary.StageSendAlerts).Partitions = []models.PartitionStatus{{}}
	w.process("core", vocabulary.StageRecordAlerts, vocabulary.StageRecordConnections, vocabulary.StageLive).Recorded = []models.Progress{{Topic: "alerts"}, {Topic: "connections"}}
}

// pass adds n to In and Out of each stage of a process.
func pass(s *models.InstanceStats, n uint64) {
	for i := range s.Stages {
		s.Stages[i].In += n
		s.Stages[i].Out += n
	}
}

// score has the engine score n packets, each part of no alert.
func score(s *models.InstanceStats, n uint64) {
	pass(s, n)
	s.Partitions[0].Packets += n
	s.Partitions[0].Scored += n
	s.Partitions[0].Passed += n
}

// record has the core process n records of both topics.
func (w *world) record(n int64) {
	pass(w.now["core"], uint64(n))
	for i := range w.now["core"].Recorded {
		w.now["core"].Recorded[i].Done += n
		w.now["core"].Recorded[i].End += n
	}
}

// flow moves packets through the sensor and the engine, and records into the core.
func (w *world) flow(sent, scored uint64, recorded int64) {
	pass(w.now["sensor"], sent)
	score(w.now["engine"], scored)
	w.record(recorded)
}

// report sends the current counts of those processes.
func (w *world) report(names ...string) {
	for _, name := range names {
		s := *w.now[name]
		s.TS = models.TimestampOf(time.Now())
		s.Stages = append([]models.StageCounts(nil), s.Stages...)
		s.Partitions = append([]models.PartitionStatus(nil), s.Partitions...)
		s.Recorded = append([]models.Progress(nil), s.Recorded...)
		w.book.Observe(&s)
	}
}

// rest has those processes report ten times a second until everything is at rest.
func (w *world) rest(names ...string) {
	for range 25 {
		<-time.After(100 * time.Millisecond)
		w.report(names...)
	}
}

// expect checks the ledger: its two flags, and that every equation sums up.
func (w *world) expect(addsUp, atRest bool) models.Ledger {
	w.t.Helper()
	l := w.book.Ledger()
	if l.AddsUp != addsUp || l.AtRest != atRest {
		w.t.Errorf("adds up %v, at rest %v; want %v, %v", l.AddsUp, l.AtRest, addsUp, atRest)
	}
	for _, c := range l.Checks {
		if c.Holds != (c.Difference == 0) || addsUp && !c.Holds {
			w.t.Errorf("%+v", c)
		}
		if sum := total(c.In) - total(c.Out) - c.InFlight - c.Difference; sum != 0 {
			w.t.Errorf("%s is off by %d: %+v", c.Name, sum, c)
		}
		if atRest && c.InFlight > 0 {
			w.t.Errorf("%s: %d in flight at rest", c.Name, c.InFlight)
		}
	}
	return l
}

func total(terms []models.LedgerTerm) (n int64) {
	for _, t := range terms {
		n += int64(t.N)
	}
	return n
}

func (w *world) check(l models.Ledger, name string) models.LedgerCheck {
	w.t.Helper()
	for _, c := range l.Checks {
		if c.Name == name {
			return c
		}
	}
	w.t.Fatalf("no equation %q", name)
	return models.LedgerCheck{}
}

var all = []string{"sensor", "engine", "core"}

func TestLedgerAddsUp(t *testing.T) {
	for _, c := range []struct {
		name   string
		do     func(w *world)
		addsUp bool
		atRest bool
		see    string // code of a term with a value, a finding or a condition
	}{
		{"nothing yet", func(w *world) {}, true, false, ""},
		{"everything is processed", func(w *world) {
			w.flow(1000, 1000, 1000)
			w.rest(all...)
		}, true, true, vocabulary.TermAccepted},
		{"the engine is behind", func(w *world) {
			pass(w.now["sensor"], 1000)
			w.now["engine"].Partitions[0].Lag = 100
			score(w.now["engine"], 900)
			w.rest(all...)
		}, true, false, ""},
		{"a packet is lost between topic and model", func(w *world) {
			w.flow(1000, 999, 999)
			w.now["core"].Recorded[1].Done++
			w.now["core"].Recorded[1].End++
			w.now["engine"].Stages[2].In++
			w.now["engine"].Stages[2].Out++
			w.now["engine"].Stages[3].In++
			w.now["engine"].Stages[3].Out++
			w.now["core"].Recorded[0].Done++
			w.now["core"].Recorded[0].End++
			w.rest(all...)
		}, false, true, vocabulary.FindingLost},
		{"the engine reports it as missing", func(w *world) {
			pass(w.now["sensor"], 1000)
			score(w.now["engine"], 999)
			w.now["engine"].Partitions[0].Missing = 1
			pass(&models.InstanceStats{Stages: w.now["engine"].Stages[2:]}, 1)
			w.record(1000)
			w.rest(all...)
		}, true, true, vocabulary.TermMissing},
		{"decode drops for a reason", func(w *world) {
			pass(w.now["sensor"], 1000)
			w.now["sensor"].Stages[0].In += 7
			w.now["sensor"].Stages[0].Out += 7
			w.now["sensor"].Stages[1].In += 7
			w.now["sensor"].Stages[1].Dropped = map[string]uint64{"truncated": 7}
			score(w.now["engine"], 1000)
			w.record(1000)
			w.rest(all...)
		}, true, true, vocabulary.TermDropped},
		{"the engine lost its lane while it published an alert", func(w *world) {
			pass(w.now["sensor"], 1000)
			score(w.now["engine"], 1000)
			w.now["engine"].Stages[2].In++
			w.now["engine"].Stages[2].Dropped = map[string]uint64{vocabulary.DropNotPublished: 1}
			w.record(1000)
			w.rest(all...)
		}, true, true, vocabulary.TermNotPublished},
		{"decode loses without a reason", func(w *world) {
			w.now["sensor"].Stages[1].In += 7
			w.rest(all...)
		}, true, false, ""}, // they count as inside the stage
		{"a stage passes on more than came in", func(w *world) {
			w.now["sensor"].Stages[1].Out += 7
			w.rest(all...)
		}, false, true, vocabulary.FindingSurplus},
		{"the same capture was published again", func(w *world) {
			pass(w.now["sensor"], 2000)
			score(w.now["engine"], 1000)
			pass(&models.InstanceStats{Stages: w.now["engine"].Stages[2:]}, 1000)
			w.now["engine"].Partitions[0].Duplicates = 1000
			w.record(2000)
			w.rest(all...)
		}, true, true, vocabulary.TermDuplicates},
		{"the broker delivers twice", func(w *world) {
			pass(w.now["sensor"], 1000)
			score(w.now["engine"], 1000)
			w.now["engine"].Partitions[0].Duplicates = 50
			w.record(1000)
			w.rest(all...)
		}, true, true, vocabulary.TermAccepted},
		{"another program publishes too", func(w *world) {
			w.flow(1000, 1100, 1100)
			w.now["core"].Recorded[1].Done, w.now["core"].Recorded[1].End = 1000, 1000
			w.rest(all...)
		}, true, true, vocabulary.FindingUnreported},
		{"alerts on the topic that the recorder skipped", func(w *world) {
			w.flow(1000, 1000, 1000)
			w.now["core"].Recorded[0].Done, w.now["core"].Recorded[0].End = 990, 990
			w.rest(all...)
		}, false, true, vocabulary.FindingLost},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.standard()
				w.report(all...)
				c.do(w)
				l := w.expect(c.addsUp, c.atRest)
				if c.see != "" && !shows(l, c.see) {
					t.Errorf("%s is not in %+v, %+v", c.see, l.Checks, l.Conditions)
				}
			})
		})
	}
}

// shows reports whether the code is that of a term with a value, of a finding or of a
// condition.
func shows(l models.Ledger, code string) bool {
	for _, c := range l.Checks {
		for _, t := range slices.Concat(c.In, c.Out) {
			if t.Name == code && t.N > 0 {
				return true
			}
		}
		if c.Finding != nil && c.Finding.Code == code {
			return true
		}
	}
	return slices.ContainsFunc(l.Conditions, func(c vocabulary.Condition) bool { return c.Code == code })
}

// hasCondition reports whether the ledger has that condition, with that count unless it is 0.
func hasCondition(l models.Ledger, check, code string, count uint64) bool {
	return slices.ContainsFunc(l.Conditions, func(c vocabulary.Condition) bool {
		return c.Stage == check && c.Code == code && (count == 0 || c.Params["count"] == count)
	})
}

// While packets flow, whatever the order in which the processes report, no equation
// has more on its right side.
func TestLedgerAddsUpWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		orders := [][]string{{"sensor", "engine", "core"}, {"core", "engine", "sensor"}, {"engine", "core", "sensor"}}
		for i := range 200 {
			w.flow(100, 100, 100) // at once: what is on its way is only the reports' delay
			order := orders[i%3]
			for j, name := range order {
				if i%7 != 3 || j != 2 { // one misses every seventh report
					w.report(name)
				}
				if l := w.expect(true, false); i > 3 && w.check(l, "log").InFlight > 300 {
					t.Fatalf("%d packets in flight", w.check(l, "log").InFlight)
				}
				<-time.After(33 * time.Millisecond)
			}
		}
		w.rest(all...)
		w.expect(true, true)
	})
}

// A new lane or log does not count before the processes that fill it have reported; their
// first report may have zeros only.
func TestLedgerAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.report("sensor")
		<-time.After(50 * time.Millisecond)
		w.flow(60, 60, 60)
		w.report("core", "engine")
		w.expect(true, false)
		<-time.After(50 * time.Millisecond)
		w.report("sensor")
		w.expect(true, false)
		w.rest(all...)
		w.expect(true, true)
	})
}

// Another program writes to the topic all the time, so that nothing ever rests.
func TestLedgerWithOthersWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		wrong := 0
		for i := range 300 {
			w.flow(100, 400, 100)
			pass(&models.InstanceStats{Stages: w.now["engine"].Stages[2:]}, 0)
			w.report(all...)
			<-time.After(100 * time.Millisecond)
			if l := w.book.Ledger(); !w.check(l, "log").Holds {
				wrong++
				if i > 100 {
					t.Fatalf("after %d reports: %+v", i, w.check(l, "log"))
				}
			}
		}
		if l := w.book.Ledger(); wrong == 0 || !hasCondition(l, vocabulary.CheckLog, vocabulary.FindingUnreported, 0) {
			t.Errorf("wrong %d times, %q", wrong, l.Notes)
		}
	})
}

// Processes that end stay in the sums; those that restart under their name start at zero.
func TestLedgerOfConsecutiveReplays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		for range maxProcesses + 50 {
			w.again("sensor")
			w.flow(10, 10, 10)
			w.now["sensor"].Final = true
			w.report(all...)
			<-time.After(100 * time.Millisecond)
		}
		w.rest("engine", "core")
		l := w.expect(true, true)
		if n := total(w.check(l, "log").In); n != (maxProcesses+50)*10 || len(l.Processes) != maxProcesses || len(l.Notes) != 0 {
			t.Errorf("%d packets, %d processes, %q", n, len(l.Processes), l.Notes)
		}
	})
}

// again restarts a process of that name.
func (w *world) again(name string) {
	<-time.After(time.Millisecond) // so that they differ
	old := w.now[name]
	stages := []string{}
	for _, s := range old.Stages {
		stages = append(stages, s.Stage)
	}
	fresh := w.process(name, stages...)
	fresh.Partitions, fresh.Recorded = old.Partitions, old.Recorded
}
