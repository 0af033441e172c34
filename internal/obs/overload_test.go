package obs

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// burden is a process under some overload, as its counts show it.
type burden struct {
	health *Health
	over   *Overload
	ledger Ledger
	lanes  []models.PartitionStatus
	held   time.Duration
}

func newBurden() *burden {
	b := &burden{health: NewHealth(), lanes: []models.PartitionStatus{{}}}
	for _, name := range []string{stageCapture, stagePublish, stageSendAlerts, stageSendConnections, stageLive} {
		b.ledger.Stage(name)
	}
	b.over = NewOverload(b.health, &b.ledger, true)
	return b
}

// run observes ten times a second for d; each does what happens in between.
func (b *burden) run(d time.Duration, each func()) {
	for range d / (100 * time.Millisecond) {
		each()
		b.over.Observe(&models.InstanceStats{Stages: b.ledger.Counts(), Partitions: b.lanes}, b.held)
		<-time.After(100 * time.Millisecond)
	}
}

func nothing() {}

// Each kind of overload degrades the process while it lasts, says what to do, stops no
// work and is forgotten afterwards.
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
		{"a NIC drops", drop(stageCapture, "lost by the kernel"), stageCapture, "CAPTURE_RING_BYTES"},
		{"the buffer is full", drop(stagePublish, "publish buffer full"), stagePublish, "brokers do not take them"},
		{"the engine is too far behind", drop(stagePublish, "engine too far behind"), stagePublish, "the engine is so far behind"},
		{"refused packets", drop(stagePublish, dropRefused), stagePublish, "refused"},
		{"refused alerts", drop(stageSendAlerts, dropRefused), stageSendAlerts, "alerts"},
		{"refused connections", drop(stageSendConnections, dropRefused), stageSendConnections, "connections"},
		{"slow clients", drop(stageLive, "slow client"), stageLive, "too slow"},
		{"held back", func(b *burden) { b.held += 60 * time.Millisecond }, stagePublish, "held back 6"},
		{"falls behind", func(b *burden) { b.lanes[0].Lag += 500 }, "scoring", "falls behind"},
		{"missing", func(b *burden) { b.lanes[0].Missing++ }, "scoring", "never came"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBurden()
				b.run(2*time.Second, nothing)
				if status, all := b.health.Snapshot(); status != StatusOK {
					t.Fatalf("before anything: %v", all)
				}
				b.run(15*time.Second, func() { c.each(b) })
				status, all := b.health.Snapshot()
				if status != StatusDegraded || !strings.Contains(all[c.component], c.want) {
					t.Errorf("%s, %v; want %q of %s", status, all, c.want, c.component)
				}
				if !b.health.Ready() {
					t.Error("it can do its work all the same")
				}
				b.run(75*time.Second, nothing)
				if status, all := b.health.Snapshot(); status != StatusOK {
					t.Errorf("a good minute later: %v", all)
				}
			})
		})
	}
}

// What a process began with, and what goes on as ever, is no overload.
func TestNoOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBurden()
		b.ledger.Stage(stageCapture).Drop("lost by the kernel", 100) // before the first look
		b.lanes[0] = models.PartitionStatus{Missing: 7, Lag: 1e6}    // from the checkpoint; a steady backlog
		b.run(30*time.Second, func() {
			b.lanes[0].Lag -= 100
			b.ledger.Stage(stagePublish).Drop("something else", 1)
			b.held += 5 * time.Millisecond
		})
		if status, all := b.health.Snapshot(); status != StatusOK {
			t.Error(all)
		}
	})
}

// An engine that stands by is seen, and well.
func TestStandby(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBurden()
		b.lanes = nil
		b.run(10*time.Second, nothing)
		status, all := b.health.Snapshot()
		if status != StatusOK || !b.health.Ready() || !strings.HasPrefix(all["scoring"], Standby) {
			t.Error(status, all)
		}
		b.lanes = []models.PartitionStatus{{Missing: 5}} // it takes over
		b.run(10*time.Second, nothing)
		if _, all := b.health.Snapshot(); all["scoring"] != StatusOK {
			t.Error(all)
		}
	})
}
