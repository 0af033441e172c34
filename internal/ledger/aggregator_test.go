package ledger

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// report is an InstanceStats of now whose stages all passed n packets of 100 bytes on.
func report(name string, n uint64, stages ...string) *models.InstanceStats {
	s := &models.InstanceStats{Instance: name, Role: "up", TS: models.TimestampOf(time.Now())}
	for _, stage := range stages {
		s.Stages = append(s.Stages, models.StageCounts{Stage: stage, In: n, Out: n, Bytes: 100 * n})
	}
	return s
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > want*0.02+1e-9 {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

func TestRatesOfTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAggregator()
		for i := range uint64(30) {
			a.Observe(report("probe", 100*i, "capture", "decode", "publish"))
			a.Observe(report("other", 50*i, "capture"))
			a.Observe(report("engine", 90*i, "consume", "score", "alert"))
			<-time.After(100 * time.Millisecond)
		}
		s := a.Stats()
		if s.Packets != 29*150 || s.Bytes != 29*15000 || s.Scored != 29*90 || s.Alerts != 29*90 {
			t.Errorf("%+v", s)
		}
		near(t, "packets/s", s.PacketsPerSecond, 1500)
		near(t, "bits/s", s.BitsPerSecond, 1500*800)
		near(t, "scored/s", s.ScoredPerSecond, 900)
		if s.Idle != "" || len(s.Instances) != 3 || s.Instances[0].Instance != "engine" {
			t.Errorf("idle %q, %+v", s.Idle, s.Instances)
		}
		<-time.After(2 * time.Second)
		if s = a.Stats(); s.PacketsPerSecond != 0 || s.Packets != 29*150 {
			t.Errorf("silent for two seconds: %g packets/s of %d", s.PacketsPerSecond, s.Packets)
		}
		<-time.After(4 * time.Second)
		if s = a.Stats(); len(s.Instances) != 0 || s.Packets != 29*150 || s.Scored != 29*90 {
			t.Errorf("expired: %+v", s)
		}
	})
}

// An engine that reads a topic which other tools fill is all there is to count.
func TestTrafficOfOtherTools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAggregator()
		for i := range uint64(12) {
			a.Observe(report("engine", 10*i, "consume", "score"))
			<-time.After(100 * time.Millisecond)
		}
		s := a.Stats()
		near(t, "packets/s", s.PacketsPerSecond, 100)
		if s.Packets != 110 {
			t.Error(s.Packets)
		}
	})
}

func TestCountersOnlyGrow(t *testing.T) {
	a := NewAggregator()
	at := models.Timestamp(0)
	report := func(name string, n, dropped, tcp uint64, final bool) {
		at++
		a.Observe(&models.InstanceStats{
			Instance: name, TS: at, Final: final,
			Stages:  []models.StageCounts{{Stage: "capture", In: n, Out: n, Dropped: map[string]uint64{"ring": dropped}}},
			Traffic: &models.Traffic{Protocols: map[string]uint64{"TCP": tcp}},
		})
	}
	report("a", 10, 1, 100, false)
	report("a", 20, 1, 200, false)
	report("a", 5, 2, 50, false) // restarted
	report("a", 6, 2, 60, true)
	report("a", 4, 0, 40, false) // the same name again
	at -= 3
	report("a", 999, 0, 0, false) // arrived late: older than the last report
	report("b", 7, 0, 70, true)
	s := a.Stats()
	want := []models.StageCounts{{Stage: "capture", In: 37, Out: 37, Dropped: map[string]uint64{"ring": 2}}}
	if diff := cmp.Diff(want, s.Stages); diff != "" {
		t.Error(diff)
	}
	if s.Traffic.Protocols["TCP"] != 370 {
		t.Error(s.Traffic.Protocols)
	}
	if len(s.Instances) != 1 || s.Instances[0].Instance != "a" {
		t.Errorf("b sent its final report: %+v", s.Instances)
	}
}

func TestPartitionsAndTalkers(t *testing.T) {
	a := NewAggregator()
	a.Observe(&models.InstanceStats{Instance: "old", Partitions: []models.PartitionStatus{
		{Partition: 1, Offset: 5, Lag: 9}, {Partition: 0, Offset: 3, Lag: 2, Warm: true},
	}, Traffic: &models.Traffic{Connections: 2, EventTS: 5, Talkers: []models.Talker{{IP: "a", Packets: 1, Bytes: 10}}}})
	traffic := &models.Traffic{Connections: 3, EventTS: 4}
	for i := range 12 {
		traffic.Talkers = append(traffic.Talkers, models.Talker{IP: fmt.Sprint(i), Bytes: 5})
	}
	traffic.Talkers = append(traffic.Talkers, models.Talker{IP: "a", Packets: 2, Bytes: 7})
	a.Observe(&models.InstanceStats{Instance: "new", Partitions: []models.PartitionStatus{
		{Partition: 1, Offset: 8, Lag: 4, WarmAfter: 20},
	}, Traffic: traffic})
	s := a.Stats()
	if s.Warm || s.WarmAfter != 20 || s.Lag.Packets != 6 || len(s.Partitions) != 2 || s.Partitions[1].Offset != 8 {
		t.Errorf("%+v", s)
	}
	if s.Connections != 5 || s.Traffic.EventTS != 5 || len(s.Traffic.Talkers) != 10 ||
		s.Traffic.Talkers[0] != (models.Talker{IP: "a", Packets: 3, Bytes: 17}) {
		t.Errorf("%+v", s.Traffic)
	}
}

// idleCode returns the code of the condition about the idle stage, "" without one.
func idleCode(a *Aggregator) string {
	s := a.Stats()
	if len(s.Conditions) == 0 {
		return s.Idle
	}
	return s.Conditions[0].Code
}

// The condition names the first stage of the packet path that passes nothing on.
func TestIdle(t *testing.T) {
	all := []string{"capture", "decode", "publish", "consume", "score"}
	for _, c := range []struct {
		name    string
		present []string // stages that some process has
		moving  int      // how many of them move
		change  func(*models.InstanceStats)
		want    string
	}{
		{"nothing runs", nil, 0, nil, vocabulary.ConditionNoSensor},
		{"a silent interface", all, 0, nil, vocabulary.ConditionNothingCaptured},
		{"unknown link type", all, 1, func(s *models.InstanceStats) {
			s.Stages[1].Dropped = map[string]uint64{"unknown_link_type": 9, "truncated": 2}
		}, vocabulary.ConditionNotDecoded},
		{"broker away", all, 2, nil, vocabulary.ConditionNotPublished},
		{"no engine", all[:3], 3, nil, vocabulary.ConditionNoEngine},
		{"engine without partitions", all, 3, nil, vocabulary.ConditionNotConsumed},
		{"warming up", all, 4, func(s *models.InstanceStats) {
			s.Partitions = []models.PartitionStatus{{WarmAfter: 30}}
		}, vocabulary.ConditionWarmingUp},
		{"only dead letters", all, 4, nil, vocabulary.ConditionNotScored},
		{"all is well", all, 5, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := NewAggregator()
				for i := range uint64(80) {
					if c.present != nil {
						s := report("x", 0, c.present...)
						for j := range s.Stages {
							if j < c.moving {
								s.Stages[j].Out = i + 1
							}
						}
						if c.change != nil {
							c.change(s)
						}
						a.Observe(s)
					}
					if got := a.Stats().Idle; i < 40 && got != "" {
						t.Fatalf("after %d ms: %q", i*100, got)
					}
					<-time.After(100 * time.Millisecond)
				}
				if got := idleCode(a); got != c.want {
					t.Errorf("%q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestEndOfInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAggregator()
		last := report("replay", 10, "capture", "decode", "publish", "consume", "score")
		last.Final = true
		a.Observe(last)
		<-time.After(6 * time.Second)
		if got := idleCode(a); got != vocabulary.ConditionInputEnded {
			t.Error(got)
		}
	})
}

// Reports come from the network: names of any number must not fill the memory.
func TestBounds(t *testing.T) {
	a := NewAggregator()
	for i := range 2 * maxInstances {
		s := report(fmt.Sprint(i), 1, fmt.Sprint("stage", i))
		s.Stages[0].Dropped = map[string]uint64{}
		for j := range 2 * maxReasons {
			if i == 0 {
				s.Stages[0].Dropped[fmt.Sprint(j)] = 1
			}
		}
		a.Observe(s)
	}
	s := a.Stats()
	if len(s.Instances) != maxInstances || len(s.Stages) != maxStages || len(s.Stages[0].Dropped) > maxReasons+1 {
		t.Error(len(s.Instances), len(s.Stages), len(s.Stages[0].Dropped))
	}
	if s.Stages[0].Dropped[vocabulary.DropOther] < maxReasons-1 {
		t.Error("reasons beyond the limit are not counted")
	}
}

func TestStagesAreInOrder(t *testing.T) {
	a := NewAggregator()
	a.Observe(report("x", 1, "live", "mine", "record_alerts", "publish"))
	a.Observe(report("y", 1, "record_connections", "score", "capture"))
	var got []string
	for _, s := range a.Stats().Stages {
		got = append(got, s.Stage)
	}
	want := []string{"capture", "publish", "score", "record_alerts", "record_connections", "live", "mine"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
