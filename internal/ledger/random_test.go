package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// system is a world whose processes are killed and restarted at random. It loses nothing:
// every record is on its topic until the next process has read it. It counts what killed
// processes wrote after their last reports.
type system struct {
	*world
	random     *rand.Rand
	checkpoint models.PartitionStatus
	packets    uint64 // on the packets topic
	alerts     uint64 // records on the alerts topic
	conns      uint64 // records on the connections topic
	sent       uint64 // by the sensor since its last report
	raised     uint64 // alerts by the engine since its last report
	unreported map[string]uint64
}

func newSystem(t *testing.T, seed uint64) *system {
	s := &system{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 9)), unreported: map[string]uint64{}}
	s.standard()
	return s
}

// tell has a process report and forgets what it had not reported.
func (s *system) tell(name string) {
	switch name {
	case "sensor":
		s.sent = 0
	case "engine":
		s.raised = 0
	}
	s.report(name)
}

// work has each process do some work.
func (s *system) work(most uint64) {
	n := s.random.Uint64N(most + 1)
	pass(s.now["sensor"], n)
	s.packets, s.conns, s.sent = s.packets+n, s.conns+n, s.sent+n

	lane := &s.now["engine"].Partitions[0]
	k := min(s.random.Uint64N(most+1), s.packets-lane.Packets)
	score(s.now["engine"], k)
	s.alerts, s.raised = s.alerts+k, s.raised+k
	lane.Lag = int64(s.packets - lane.Packets)
	s.save()
	s.consume(s.random.Uint64N(most + 1))
}

// save sometimes saves the engine's model.
func (s *system) save() {
	if s.random.IntN(4) == 0 {
		s.checkpoint = s.now["engine"].Partitions[0]
	}
}

// consume has the core record up to n records of each topic.
func (s *system) consume(n uint64) {
	for i, end := range []uint64{s.alerts, s.conns} {
		r := &s.now["core"].Recorded[i]
		r.Done += int64(min(n, end-uint64(r.Done)))
		r.End = int64(end)
	}
}

// fault kills or restarts one process.
func (s *system) fault() {
	switch s.random.IntN(4) {
	case 0: // the engine is killed and continues at its checkpoint
		s.unreported[vocabulary.CheckAlerts] += s.raised
		s.raised = 0
		s.again("engine")
		s.now["engine"].Partitions = []models.PartitionStatus{s.checkpoint}
	case 1: // the sensor is killed
		s.unreported[vocabulary.CheckLog] += s.sent
		s.unreported[vocabulary.CheckConnections] += s.sent
		s.sent = 0
		s.again("sensor")
	case 2: // the sensor ends and another starts
		s.now["sensor"].Final = true
		s.tell("sensor")
		s.again("sensor")
	case 3: // the core restarts with its saved ledger
		state, err := s.book.State()
		if err != nil {
			s.t.Fatal(err)
		}
		<-time.After(time.Duration(s.random.Int64N(int64(10 * time.Second))))
		s.book = NewBook("alerts", "connections")
		if _, err := s.book.Restore(state); err != nil {
			s.t.Fatal(err)
		}
		s.again("core")
	}
}

// invariants checks what is true of a ledger at any time.
func (s *system) invariants(when string) {
	s.t.Helper()
	l := s.book.Ledger()
	holds := true
	for _, c := range l.Checks {
		holds = holds && c.Holds
		if sum := total(c.In) - total(c.Out) - c.InFlight - c.Difference; sum != 0 {
			s.t.Errorf("%s: %s is off by %d: %+v", when, c.Name, sum, c)
		}
		if c.Holds != (c.Difference == 0) || c.Holds != (c.Finding == nil) {
			s.t.Errorf("%s: %s holds %v with difference %d and finding %v", when, c.Name, c.Holds, c.Difference, c.Finding)
		}
		if l.AtRest && c.InFlight > 0 {
			s.t.Errorf("%s: %s has %d in flight at rest", when, c.Name, c.InFlight)
		}
		if c.Holds && c.InFlight < 0 && c.Name == vocabulary.StageDecode {
			s.t.Errorf("%s: more packets than frames: %+v", when, c)
		}
	}
	for _, lane := range l.Lanes {
		holds = holds && lane.Holds
	}
	if l.AddsUp != holds {
		s.t.Errorf("%s: adds up %v, its equations %v", when, l.AddsUp, holds)
	}
	if !l.AddsUp {
		s.t.Errorf("%s: nothing was lost and the ledger does not add up: %+v", when, l.Checks)
	}
}

// drain lets everything be processed and all processes report until nothing moves.
func (s *system) drain() {
	lane := &s.now["engine"].Partitions[0]
	k := s.packets - lane.Packets
	score(s.now["engine"], k)
	s.alerts += k
	lane.Lag = 0
	s.consume(1 << 40)
	for range 80 { // longer than a killed process takes to expire
		<-time.After(100 * time.Millisecond)
		s.report(all...)
	}
}

// TestLedgerOfRandomFaults: processes that are killed and restarted in any order lose no
// packet and count none twice. At rest the ledger adds up, and what no process reported is
// exactly what killed processes wrote after their last reports.
func TestLedgerOfRandomFaults(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSystem(t, seed)
				for range 3 {
					for range 60 {
						<-time.After(100 * time.Millisecond)
						s.work(50)
						for _, name := range all {
							if s.random.IntN(10) > 0 {
								s.tell(name)
							}
						}
						if s.random.IntN(20) == 0 {
							s.fault()
						}
						s.invariants("while running")
					}
					s.drain()
					s.invariants("at rest")
					l := s.book.Ledger()
					if !l.AtRest {
						t.Fatalf("not at rest: %+v", l.Lanes)
					}
					for _, check := range topicChecks {
						want := s.unreported[check]
						if want > 0 && !hasCondition(l, check, vocabulary.FindingUnreported, want) || s.book.unreported[check] != want {
							t.Errorf("%s: %d unreported, want %d; %q", check, s.book.unreported[check], want, l.Notes)
						}
					}
					if l.Lanes[0].Packets != s.packets {
						t.Errorf("%d packets accepted, %d published", l.Lanes[0].Packets, s.packets)
					}
				}
			})
		})
	}
}

// TestLedgerFindsRandomLosses: a packet that is lost in a stage, or that a stage invents,
// shows in the equation of that place with its exact number, and in no other.
func TestLedgerFindsRandomLosses(t *testing.T) {
	stageOf := func(s *models.InstanceStats, name string) *models.StageCounts {
		for i := range s.Stages {
			if s.Stages[i].Stage == name {
				return &s.Stages[i]
			}
		}
		panic(name)
	}
	for _, c := range []struct {
		name  string
		check string
		code  string
		fault func(w *world, n uint64)
	}{
		{"conntrack misses packets", vocabulary.CheckTrack, vocabulary.FindingLost, func(w *world, n uint64) {
			for _, stage := range []string{vocabulary.StageConntrack, vocabulary.StagePublish} {
				stageOf(w.now["sensor"], stage).In -= n
				stageOf(w.now["sensor"], stage).Out -= n
			}
			w.now["engine"].Partitions[0].Packets -= n
			w.now["engine"].Partitions[0].Scored -= n
			w.now["engine"].Partitions[0].Passed -= n
		}},
		{"packets are not handed over", vocabulary.CheckHandOver, vocabulary.FindingLost, func(w *world, n uint64) {
			stageOf(w.now["sensor"], vocabulary.StagePublish).In -= n
			stageOf(w.now["sensor"], vocabulary.StagePublish).Out -= n
			w.now["engine"].Partitions[0].Packets -= n
			w.now["engine"].Partitions[0].Scored -= n
			w.now["engine"].Partitions[0].Passed -= n
		}},
		{"the engine skips packets", vocabulary.CheckLog, vocabulary.FindingLost, func(w *world, n uint64) {
			w.now["engine"].Partitions[0].Packets -= n
			w.now["engine"].Partitions[0].Scored -= n
			w.now["engine"].Partitions[0].Passed -= n
		}},
		{"accepted packets are not scored", vocabulary.CheckModel, vocabulary.FindingLost, func(w *world, n uint64) {
			w.now["engine"].Partitions[0].Scored -= n
			w.now["engine"].Partitions[0].Passed -= n
		}},
		{"scored packets have no verdict", vocabulary.CheckVerdict, vocabulary.FindingLost, func(w *world, n uint64) {
			w.now["engine"].Partitions[0].Passed -= n
		}},
		{"a packet has two verdicts", vocabulary.CheckVerdict, vocabulary.FindingSurplus, func(w *world, n uint64) {
			w.now["engine"].Partitions[0].Alerted += n
		}},
		{"alerts are not published", vocabulary.CheckAlertsPublished, vocabulary.FindingLost, func(w *world, n uint64) {
			stageOf(w.now["engine"], vocabulary.StageSendAlerts).In -= n
			stageOf(w.now["engine"], vocabulary.StageSendAlerts).Out -= n
			w.now["core"].Recorded[0].Done -= int64(n)
			w.now["core"].Recorded[0].End -= int64(n)
		}},
		{"alert records are not on the topic", vocabulary.CheckAlerts, vocabulary.FindingLost, func(w *world, n uint64) {
			w.now["core"].Recorded[0].Done -= int64(n)
			w.now["core"].Recorded[0].End -= int64(n)
		}},
		{"connection records are not on the topic", vocabulary.CheckConnections, vocabulary.FindingLost, func(w *world, n uint64) {
			w.now["core"].Recorded[1].Done -= int64(n)
			w.now["core"].Recorded[1].End -= int64(n)
		}},
		{"more comes out of a stage than went in", vocabulary.StageConntrack, vocabulary.FindingSurplus, func(w *world, n uint64) {
			stageOf(w.now["sensor"], vocabulary.StageConntrack).In -= n
			stageOf(w.now["sensor"], vocabulary.StageDecode).Out -= n
			stageOf(w.now["sensor"], vocabulary.StageDecode).Dropped = map[string]uint64{vocabulary.DropNotIP: n}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(len(c.name)), 10))
			for range 2 {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.standard()
					flow := 2000 + random.Uint64N(1000)
					n := 1 + random.Uint64N(50)
					w.flow(flow, flow, int64(flow))
					c.fault(w, n)
					w.rest(all...)
					l := w.book.Ledger()
					if !l.AtRest || l.AddsUp {
						t.Fatalf("at rest %v, adds up %v", l.AtRest, l.AddsUp)
					}
					want := int64(n)
					if c.code == vocabulary.FindingSurplus {
						want = -want
					}
					got := w.check(l, c.check)
					if got.Difference != want || got.Finding == nil || got.Finding.Code != c.code || got.Finding.Params["count"] != n {
						t.Errorf("got %+v, want %s of %d", got, c.code, n)
					}
				})
			}
		})
	}
}

// TestTotalsOnlyIncrease: whatever a process reports, and however often it restarts with
// lower counts, the totals of all processes do not decrease.
func TestTotalsOnlyIncrease(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 11))
			a := NewAggregator()
			counts := [4]uint64{}
			var before uint64
			for range 200 {
				<-time.After(time.Duration(random.Int64N(int64(2 * time.Second))))
				i := random.IntN(len(counts))
				n := random.Uint64N(100)
				if random.IntN(10) == 0 && counts[i] > 100 {
					counts[i] = 0 // another process of that name
				}
				counts[i] += n
				s := report(fmt.Sprint("p", i), counts[i], vocabulary.StageCapture)
				s.Final = random.IntN(20) == 0
				a.Observe(s)
				if s.Final {
					counts[i] = 0
				}
				got := a.Stats().Packets
				if got < before {
					t.Fatalf("seed %d: total %d after %d", seed, got, before)
				}
				before = got
			}
		})
	}
}
