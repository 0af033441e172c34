package ledger

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

func TestLedgerWhenProcessesAreKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		pass(w.now["sensor"], 1000)
		score(w.now["engine"], 800)
		w.now["engine"].Partitions[0].Lag = 200
		w.record(800)
		w.now["core"].Recorded[1].Done, w.now["core"].Recorded[1].End = 1000, 1000
		w.report(all...)

		// The engine resumes from a checkpoint at 500; its totals do not count packets twice.
		w.again("engine")
		w.now["engine"].Partitions[0] = models.PartitionStatus{Packets: 500, Scored: 500, Passed: 500, Lag: 500}
		w.rest("sensor", "engine", "core")
		w.expect(true, false)
		score(w.now["engine"], 500)
		w.now["engine"].Partitions[0].Lag = 0
		w.record(500) // alerts: 800 of the first, 500 of the second
		w.now["core"].Recorded[1].Done, w.now["core"].Recorded[1].End = 1000, 1000
		for range 60 {
			<-time.After(100 * time.Millisecond)
			w.report("sensor", "engine", "core")
		}
		l := w.expect(true, true)
		if len(l.Notes) != 0 || len(l.Processes) != 4 || l.Lanes[0].Packets != 1000 {
			t.Errorf("%q %+v %+v", l.Notes, l.Processes, l.Lanes)
		}

		// The sensor is killed after its last report; 30 packets that it sent then are on the topic.
		score(w.now["engine"], 30)
		w.record(30)
		w.now["core"].Recorded[1].Done, w.now["core"].Recorded[1].End = 1000, 1000
		for range 70 {
			<-time.After(100 * time.Millisecond)
			w.report("engine", "core")
		}
		if l = w.expect(true, true); !hasCondition(l, vocabulary.CheckLog, vocabulary.FindingUnreported, 30) {
			t.Errorf("%q", l.Notes)
		}

		// It was only unreachable: what it reports now is not counted twice.
		pass(w.now["sensor"], 30)
		w.now["core"].Recorded[1].Done, w.now["core"].Recorded[1].End = 1030, 1030
		w.rest(all...)
		if l = w.expect(true, true); len(l.Notes) != 0 {
			t.Errorf("%q", l.Notes)
		}
	})
}

// Alerts that a killed engine could not publish do not count as alerts of running ones.
func TestLedgerIgnoresUnpublishedAlertsOfKilledEngines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.flow(1000, 1000, 1000)
		for i := range w.now["engine"].Stages {
			if s := &w.now["engine"].Stages[i]; s.Stage == vocabulary.StageAlert { // cut off from the broker, it tried to publish eight more
				s.In += 8
				s.Dropped = map[string]uint64{vocabulary.DropNotPublished: 8}
			}
		}
		w.rest(all...)
		w.expect(true, true)
		lane := w.now["engine"].Partitions[0]
		w.again("engine")
		w.now["engine"].Partitions[0] = lane
		for range 70 {
			<-time.After(100 * time.Millisecond)
			w.report(all...)
		}
		w.expect(true, true)
	})
}

// A lost checkpoint loses what its model had accepted. The ledger reports that, instead
// of counting it as in flight forever.
func TestLedgerWhenAModelIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.flow(1000, 1000, 1000)
		w.rest(all...)
		if err := w.book.Health(); err != nil {
			t.Error(err)
		}
		w.now["engine"].Partitions[0] = models.PartitionStatus{WarmAfter: 50}
		w.rest(all...)
		if err := w.book.Health(); obs.CodeOf(err) != vocabulary.ConditionModelReset {
			t.Error(err)
		}
		w.now["engine"].Partitions[0].Warm = true
		w.rest(all...)
		if l := w.expect(true, true); !hasCondition(l, vocabulary.CheckLog, vocabulary.FindingLostModel, 1000) {
			t.Errorf("%q", l.Notes)
		}
		pass(w.now["sensor"], 10)
		score(w.now["engine"], 9)
		w.rest(all...)
		w.expect(false, true)
		_ = w.book.Health() // a first look
		w.rest(all...)
		w.rest(all...)
		if err := w.book.Health(); obs.CodeOf(err) != vocabulary.ConditionLedgerImbalance {
			t.Error(err)
		}
	})
}

func TestLedgerSurvivesItsProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.flow(1000, 990, 990)
		w.report(all...)
		state, err := w.book.State()
		if err != nil {
			t.Fatal(err)
		}
		began := w.book.Ledger().Since

		// While no core runs, the sensor ends. Its final report is read afterwards, and so
		// are reports that are in the book already.
		<-time.After(time.Minute)
		late := NewBook("alerts", "connections")
		saved, err := late.Restore(state)
		if err != nil || time.Since(saved) != time.Minute {
			t.Fatal(saved, err)
		}
		w.book = late
		w.again("core")
		w.flow(20, 30, 30)
		w.now["sensor"].Final = true
		w.report(all...)
		again := *w.now["sensor"]
		again.TS--
		late.Observe(&again)
		for range 70 {
			<-time.After(100 * time.Millisecond)
			w.report("engine", "core")
		}
		l := w.expect(true, true)
		if l.Since != began || len(l.Notes) != 0 || total(w.check(l, "log").In) != 1020 {
			t.Errorf("%v %q %+v", l.Since, l.Notes, w.check(l, "log"))
		}

		if _, err := NewBook("a", "b").Restore([]byte(`{"version":99}`)); err == nil {
			t.Error("a ledger of another version is accepted")
		}
		if _, err := NewBook("a", "b").Restore([]byte("{")); err == nil {
			t.Error("a truncated ledger is accepted")
		}
	})
}

func TestLedgerAfterTopicsAreRecreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.flow(100, 100, 100)
		w.rest(all...)
		for i := range w.now["core"].Recorded {
			w.now["core"].Recorded[i].Done, w.now["core"].Recorded[i].End = 0, 0
		}
		w.report("core")
		w.flow(5, 5, 5)
		w.rest(all...)
		w.expect(true, true)
	})
}

// While things move, one side may be reported before the other; that is a difference only
// when it lasts. At rest it is one at once.
func TestLedgerToleratesLateReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.flow(1000, 1000, 1000)
		w.rest(all...)
		w.expect(true, true)
		for i, s := range w.now["sensor"].Stages {
			if s.Stage == vocabulary.StageConntrack { // tracks five packets that were not decoded
				w.now["sensor"].Stages[i].In += 5
				w.now["sensor"].Stages[i].Out += 5
			}
		}
		began := time.Now()
		w.report(all...)
		for time.Since(began) < 6*time.Second {
			<-time.After(100 * time.Millisecond)
			w.flow(10, 10, 10)
			w.report(all...)
			past := time.Since(began) - wrongAfter
			if past > 0 && past < time.Second/2 { // the book evaluates reports as of a moment ago
				continue
			}
			late := past > 0
			c := w.check(w.expect(!late, false), "track")
			if c.Holds == late || (c.Difference == -5) != late || (c.InFlight == -5) == late {
				t.Fatalf("after %v: %+v", time.Since(began), c)
			}
		}
		if err := w.book.Health(); err == nil {
			t.Error("health reports no condition")
		}
		w.rest(all...)
		w.expect(false, true)
	})
}
