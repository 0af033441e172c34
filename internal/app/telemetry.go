package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// telemetryEvery is how often a process reports its state.
const telemetryEvery = 100 * time.Millisecond

// telemetry publishes the counts and the health of one process to the stats topic.
type telemetry struct {
	role     string
	started  models.Timestamp
	ledger   *obs.Ledger
	health   *obs.Health
	overload *obs.Overload
	files    *obs.Descriptors
	held     func() time.Duration   // how long publishing waited for the engine, in total
	engine   laneSource             // zero without an engine
	core     progressSource         // zero without a recorder
	traffic  func() *models.Traffic // of the sensor; nil without one
	out      interface {
		PublishStats(*models.InstanceStats)
		Flush(context.Context) error
	}
	// book also gets the final report directly, because the reader of the topic may stop
	// before it arrives; may be nil.
	book interface{ Observe(*models.InstanceStats) }
}

// laneSource returns the state of an engine's lanes: of the assigned ones (now), and of
// those that were revoked (last).
type laneSource struct {
	now, last func() []models.PartitionStatus
}

// progressSource returns a recorder's positions: now, and the last ones.
type progressSource struct {
	now, last func() []models.Progress
}

// instanceName returns a name of this process that is unique across hosts.
func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// Run publishes until ctx ends, then the final report. The first report is published
// immediately, so that readers know the process before they see its work.
func (t *telemetry) Run(ctx context.Context) error {
	name := instanceName()
	t.out.PublishStats(t.collect(name, false))
	tick := time.NewTicker(telemetryEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := t.publishFinal(context.WithoutCancel(ctx), name); err != nil {
				return err
			}
			return ctx.Err()
		case <-tick.C:
			t.out.PublishStats(t.collect(name, false))
		}
	}
}

// publishFinal publishes the final report. It first waits until the brokers have
// acknowledged everything before it, which the report then counts, and afterwards for the
// report itself; both waits are bounded.
func (t *telemetry) publishFinal(ctx context.Context, name string) error {
	flush := func() error {
		ctx, cancel := context.WithTimeout(ctx, defaultGrace/3)
		defer cancel()
		return t.out.Flush(ctx)
	}
	err := flush()
	last := t.collect(name, true)
	t.out.PublishStats(last)
	if t.book != nil {
		t.book.Observe(last)
	}
	return errors.Join(err, flush())
}

// collect returns the current state of this process. It reads the stages against the
// direction of the data, so that what a stage has counted, earlier stages have counted too.
func (t *telemetry) collect(name string, final bool) *models.InstanceStats {
	s := &models.InstanceStats{Instance: name, Started: t.started, Role: t.role, Final: final}
	lanes, progress := t.engine.now, t.core.now
	if final {
		lanes, progress = t.engine.last, t.core.last
	}
	if progress != nil {
		s.Recorded = progress()
	}
	if lanes != nil {
		s.Partitions = lanes()
	}
	s.Stages = t.ledger.Counts()
	s.TS = models.TimestampOf(time.Now())
	t.overload.Observe(s, t.held())
	health := t.health.Snapshot()
	s.Health, s.Conditions = health.Components, health.Conditions
	s.Descriptors = t.files.Use()
	if t.traffic != nil {
		s.Traffic = t.traffic()
	}
	return s
}
