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

// telemetryEvery is how often a process tells the others how it is.
const telemetryEvery = 100 * time.Millisecond

// telemetry publishes what one process counts on netlyra.stats.
type telemetry struct {
	role     string
	started  models.Timestamp
	ledger   *obs.Ledger
	health   *obs.Health
	overload *obs.Overload
	files    *obs.Descriptors
	held     func() time.Duration   // packets held back for the engine, since the beginning
	engine   laneSource             // nil where there is none
	core     progressSource         // the same
	traffic  func() *models.Traffic // of the sensor; nil where there is none
	out      interface {
		PublishStats(*models.InstanceStats)
		Flush(context.Context) error
	}
	// book also gets the last report, which nobody who stops with this process would
	// read from the topic; nil: there is none.
	book interface{ Observe(*models.InstanceStats) }
}

// laneSource has the state of an engine's lanes: of those that it works on, and at the
// end as it left them.
type laneSource struct {
	now, last func() []models.PartitionStatus
}

// progressSource has how far a recorder is, and how far it came.
type progressSource struct {
	now, last func() []models.Progress
}

// instanceName tells processes apart, also on several hosts.
func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// Run publishes until ctx ends, then once more as a good-bye. The first report goes out
// before anything else does: who reads of this process's work should know the process.
func (t *telemetry) Run(ctx context.Context) error {
	name := instanceName()
	t.out.PublishStats(t.collect(name, false))
	tick := time.NewTicker(telemetryEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := t.goodbye(context.WithoutCancel(ctx), name); err != nil {
				return err
			}
			return ctx.Err()
		case <-tick.C:
			t.out.PublishStats(t.collect(name, false))
		}
	}
}

// goodbye sends the last report. It waits until the brokers have all that went before,
// for what they have not acknowledged would be missing in it, and then until they have
// the report; where they are away, not for long.
func (t *telemetry) goodbye(ctx context.Context, name string) error {
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

// collect is the state of this process now. What comes later in the way of the data is
// looked at first: what it has counted, those before it have counted too.
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
