package obs

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// burden is a process whose counts show an overload.
type burden struct {
	health *Health
	over   *Overload
	ledger Ledger
	lanes  []models.PartitionStatus
	held   time.Duration
}

func newBurden() *burden {
	b := &burden{health: NewHealth(), lanes: []models.PartitionStatus{{}}}
	for _, name := range []string{vocabulary.StageCapture, vocabulary.StagePublish, vocabulary.StageSendAlerts, vocabulary.StageSendConnections, vocabulary.StageLive} {
		b.ledger.Stage(name)
	}
	b.over = NewOverload(b.health, &b.ledger, true)
	return b
}

// run observes ten times a second for d, and calls each in between.
func (b *burden) run(d time.Duration, each func()) {
	for range d / (100 * time.Millisecond) {
		each()
		b.over.Observe(&models.InstanceStats{Stages: b.ledger.Counts(), Partitions: b.lanes}, b.held)
		<-time.After(100 * time.Millisecond)
	}
}

func nothing() {}

// Each kind of overload degrades the process while it lasts and for some time after.
func TestOverload(t *testing.T) {
	drop := func(stage, reason string) func(*burden) {
		return func(b *burden) { b.ledger.Stage(stage).Drop(reason, 5) }
	}
	for _, c := range []struct {
		name      string
		each      func(*burden)
		component string
		want      string
	}{
		{"a NIC drops", drop(vocabulary.StageCapture, vocabulary.DropKernel), vocabulary.StageCapture, vocabulary.ConditionKernelDrops},
		{"the buffer is full", drop(vocabulary.StagePublish, vocabulary.DropPublishBufferFull), vocabulary.StagePublish, vocabulary.ConditionPublishBufferFull},
		{"the engine is too far behind", drop(vocabulary.StagePublish, vocabulary.DropPublishEngineLag), vocabulary.StagePublish, vocabulary.ConditionEngineLagDrops},
		{"refused packets", drop(vocabulary.StagePublish, vocabulary.DropPublishRefused), vocabulary.StagePublish, vocabulary.ConditionRefusedByBroker},
		{"refused alerts", drop(vocabulary.StageSendAlerts, vocabulary.DropPublishRefused), vocabulary.StageSendAlerts, vocabulary.ConditionRefusedByBroker},
		{"refused connections", drop(vocabulary.StageSendConnections, vocabulary.DropPublishRefused), vocabulary.StageSendConnections, vocabulary.ConditionRefusedByBroker},
		{"slow clients", drop(vocabulary.StageLive, vocabulary.DropLiveSlowClient), vocabulary.StageLive, vocabulary.ConditionSlowClients},
		{"held back", func(b *burden) { b.held += 60 * time.Millisecond }, vocabulary.StagePublish, vocabulary.ConditionPacketsHeldBack},
		{"falls behind", func(b *burden) { b.lanes[0].Lag += 500 }, "scoring", vocabulary.ConditionLagGrowing},
		{"missing", func(b *burden) { b.lanes[0].Missing++ }, "scoring", vocabulary.ConditionPacketsMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBurden()
				b.run(2*time.Second, nothing)
				if s := b.health.Snapshot(); s.Status != StatusOK {
					t.Fatalf("before the overload: %v", s.Conditions)
				}
				b.run(15*time.Second, func() { c.each(b) })
				s := b.health.Snapshot()
				if s.Status != StatusDegraded || !s.Ready || len(s.Conditions) != 1 {
					t.Fatalf("%+v; want degraded, ready, one condition", s)
				}
				if got := s.Conditions[0]; got.Stage != c.component || got.Code != c.want || got.Severity != vocabulary.SeverityDegraded {
					t.Errorf("%+v; want %s of %s", got, c.want, c.component)
				}
				b.run(75*time.Second, nothing)
				if s := b.health.Snapshot(); s.Status != StatusOK {
					t.Errorf("75 s after the overload: %v", s.Conditions)
				}
			})
		})
	}
}

// Counts from before the first look, and a steady state, are no overload.
func TestNoOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBurden()
		b.ledger.Stage(vocabulary.StageCapture).Drop(vocabulary.DropKernel, 100) // before the first look
		b.lanes[0] = models.PartitionStatus{Missing: 7, Lag: 1e6}                // from the checkpoint; a steady backlog
		b.run(30*time.Second, func() {
			b.lanes[0].Lag -= 100
			b.ledger.Stage(vocabulary.StagePublish).Drop("something else", 1)
			b.held += 5 * time.Millisecond
		})
		if s := b.health.Snapshot(); s.Status != StatusOK {
			t.Error(s.Conditions)
		}
	})
}

// Standby is a condition and does not degrade the process.
func TestStandby(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBurden()
		b.lanes = nil
		b.run(10*time.Second, nothing)
		s := b.health.Snapshot()
		if s.Status != StatusOK || !s.Ready || len(s.Conditions) != 1 || s.Conditions[0].Code != vocabulary.ConditionStandby {
			t.Errorf("%+v", s)
		}
		b.lanes = []models.PartitionStatus{{Missing: 5}} // it takes over
		b.run(10*time.Second, nothing)
		if s := b.health.Snapshot(); len(s.Conditions) != 0 {
			t.Error(s.Conditions)
		}
	})
}
