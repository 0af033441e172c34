package app

import (
	"context"
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
	ledger   *obs.Ledger
	health   *obs.Health
	statuses func() []models.PartitionStatus // of the engine; nil where there is none
	traffic  func() *models.Traffic          // of the sensor; nil where there is none
	out      interface {
		PublishStats(*models.InstanceStats)
	}
}

// instanceName tells processes apart, also on several hosts.
func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// Run publishes until ctx ends, then once more as a good-bye.
func (t *telemetry) Run(ctx context.Context) error {
	name := instanceName()
	tick := time.NewTicker(telemetryEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last := t.collect(name)
			last.Final = true
			t.out.PublishStats(last)
			return ctx.Err()
		case <-tick.C:
			t.out.PublishStats(t.collect(name))
		}
	}
}

// collect is the state of this process now.
func (t *telemetry) collect(name string) *models.InstanceStats {
	s := &models.InstanceStats{
		Instance: name, Role: t.role, TS: models.TimestampOf(time.Now()), Stages: t.ledger.Counts(),
	}
	_, s.Health = t.health.Snapshot()
	if t.statuses != nil {
		s.Partitions = t.statuses()
	}
	if t.traffic != nil {
		s.Traffic = t.traffic()
	}
	return s
}
