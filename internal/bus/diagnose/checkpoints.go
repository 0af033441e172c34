package diagnose

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// staleCheckpoint is the maximum age of a checkpoint while packets wait. Engines that
// consume packets write one every few seconds.
const staleCheckpoint = 10 * time.Minute

// checkpoints reads the newest checkpoint of each lane as an engine does at its start.
func (d *diagnosis) checkpoints(ctx context.Context) (found []obs.Finding, err error) {
	if _, err := d.c.Partitions(ctx, d.c.Config().Topics.Checkpoints); errors.Is(err, client.ErrNoTopic) {
		return []obs.Finding{obs.Found("checkpoints", "none yet; engines start with untrained models").Coded(vocabulary.DoctorNoCheckpoint)}, nil
	}
	spans, err := d.c.SpansOnce(ctx, d.c.Config().Topics.Packets)
	if err != nil {
		return nil, err
	}
	states := checkpoint.New(d.c, checkpoint.DefaultConfig())
	for lane := range max(d.Lanes, 1) {
		check := fmt.Sprintf("checkpoint of lane %d", lane)
		newest, err := states.LoadWhere(ctx, d.Config.EngineGroup, lane, func(models.CheckpointInfo) bool { return true })
		switch {
		case errors.As(err, new(*checkpoint.UnreadableError)):
			found = append(found, obs.Warn(check, "an engine starts with an untrained model; if this persists, check the disks of the brokers", "%v", err))
		case errors.Is(err, checkpoint.ErrNotFound):
			found = append(found, obs.Found(check, "none yet; an engine starts with an untrained model").Coded(vocabulary.DoctorNoCheckpoint))
		case err != nil:
			return found, err
		default:
			found = append(found, d.checkpoint(ctx, check, newest, extent.Key{Topic: d.c.Config().Topics.Packets, Partition: lane}, spans))
		}
	}
	return found, nil
}

// checkpoint compares the offset of a checkpoint with the log.
func (d *diagnosis) checkpoint(ctx context.Context, check string, c *models.Checkpoint, k extent.Key, spans map[extent.Key]extent.Span) obs.Finding {
	offset, age, log := c.Offset, d.Now().Sub(c.At.Time()).Round(time.Second), spans[k]
	detail := fmt.Sprintf("%d KiB, %s old, at offset %d of %d…%d", len(c.State)>>10, age, offset, log.Start, log.High)
	if n := len(c.FellBackOver); n > 0 {
		return obs.Warn(check, "an engine uses this older checkpoint and reads the packets since then again; if this persists, check the disks of the brokers", "%s; %d newer checkpoints cannot be read: %v", detail, n, c.FellBackOver[0])
	}
	switch {
	case offset < log.Start:
		return obs.Warn(check, "raise PACKETS_RETENTION or PACKETS_RETENTION_BYTES, or keep an engine running",
			"%s: retention has removed %d records that an engine would read from there", detail, log.Start-offset)
	case offset > log.High:
		return obs.Warn(check, "this is normal after the packets topic was recreated; the engine resumes at the end of the log", "%s: the log was truncated and ends before the checkpoint", detail)
	case age > staleCheckpoint && d.behind(ctx, k, offset, log.High) > 0:
		return obs.Warn(check, "start an engine, or check the log of the running one", "%s: at most %d records are not processed", detail, log.High-offset)
	}
	return obs.Found(check, "%s", detail)
}

// tolerance is the permitted difference of the hosts' clocks. Larger differences distort
// displayed ages; detection is not affected, because the engine uses event time.
const tolerance = 2 * time.Second

// clocks compares the newest records of other processes with this host's clock.
func (d *diagnosis) clocks(ctx context.Context) ([]obs.Finding, error) {
	topics := []string{d.c.Config().Topics.Stats, d.c.Config().Topics.Packets, d.c.Config().Topics.Alerts}
	newest, err := d.c.Admin().ListMaxTimestampOffsets(ctx, topics...)
	if err != nil {
		return []obs.Finding{obs.Found("clocks", "the brokers do not report the time of the newest records (Kafka before 3.0?): %v", err)}, nil
	}
	now, ahead, topic := d.Now(), time.Duration(0), ""
	for t, partitions := range newest {
		for _, o := range partitions {
			if by := time.UnixMilli(o.Timestamp).Sub(now); o.Err == nil && by > ahead {
				ahead, topic = by, t
			}
		}
	}
	if ahead > tolerance {
		return []obs.Finding{obs.Warn("clocks", "synchronise the clocks of all hosts, for example with NTP", "the newest record of %s is %s ahead of this host's clock", topic, ahead.Round(time.Millisecond))}, nil
	}
	return []obs.Finding{obs.Found("clocks", "no record is ahead of this host's clock")}, nil
}
