package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// maxLag of a checkpoint: one that is older while packets come is not written.
const staleCheckpoint = 10 * time.Minute

// checkpoints reads the newest state of each lane as an engine that takes over would.
func (d *doctor) checkpoints(ctx context.Context) (found []obs.Finding, err error) {
	written, err := d.written(ctx)
	if err != nil {
		return nil, err
	}
	spans, err := d.c.offsets(ctx, []string{d.c.cfg.Topics.Packets})
	if err != nil {
		return nil, err
	}
	states := d.c.Checkpoints()
	lanes := make([]int32, 0, len(written))
	for lane := range written {
		lanes = append(lanes, lane)
	}
	slices.Sort(lanes)
	for _, lane := range lanes {
		check := fmt.Sprintf("checkpoint of lane %d", lane)
		offset, state, err := states.Load(ctx, d.Config.EngineGroup, lane)
		switch {
		case errors.Is(err, ErrNoCheckpoint):
			found = append(found, obs.Warn(check, "an engine will learn anew; the log says what is wrong with the state", "none can be read"))
		case err != nil:
			return found, err
		default:
			age := d.Now().Sub(written[lane]).Round(time.Second)
			found = append(found, d.checkpoint(check, offset, len(state), age, spans[partitionKey{d.c.cfg.Topics.Packets, lane}]))
		}
	}
	if len(found) == 0 {
		found = append(found, obs.Found("checkpoints", "none yet: engines begin cold"))
	}
	return found, nil
}

// checkpoint compares the offset that a state stands for with what the log still has.
func (d *doctor) checkpoint(check string, offset int64, size int, age time.Duration, log span) obs.Finding {
	detail := fmt.Sprintf("%d KiB, %s old, at offset %d of %d…%d", size>>10, age, offset, log.start, log.end)
	switch {
	case offset < log.start:
		return obs.Warn(check, "raise PACKETS_RETENTION or PACKETS_RETENTION_BYTES, or keep an engine running",
			"%s: an engine that starts from it misses %d records, which retention has removed", detail, log.start-offset)
	case offset > log.end:
		return obs.Warn(check, "this is so after the packets topic was made anew; the engine goes on with what is there", "%s: the log is shorter than what was read of it", detail)
	case age > staleCheckpoint && offset < log.end:
		return obs.Warn(check, "start an engine, or look into the log of the one that runs", "%s: %d records are waiting", detail, log.end-offset)
	}
	return obs.Found(check, "%s", detail)
}

// written is when the newest part of each lane's states was written.
func (d *doctor) written(ctx context.Context) (map[int32]time.Time, error) {
	out := map[int32]time.Time{}
	prefix := d.Config.EngineGroup + "/"
	from := TailConfig{Topics: []string{d.c.cfg.Topics.Checkpoints}, From: From{Beginning: true}, ToEnd: true}
	err := d.c.Tail(ctx, from, func(r *models.Record) error {
		rest, ok := strings.CutPrefix(string(r.Key), prefix)
		lane, _, cut := strings.Cut(rest, "/")
		n, err := strconv.ParseInt(lane, 10, 32)
		if !ok || !cut || err != nil || len(r.Value) == 0 {
			return nil
		}
		if at := time.Unix(0, r.Timestamp); at.After(out[int32(n)]) {
			out[int32(n)] = at
		}
		return nil
	})
	return out, err
}

// tolerance is by how much clocks of hosts may differ: more would show in how old
// things are said to be. Nothing is found or missed by it: the engine goes by the
// packets' own time.
const tolerance = 2 * time.Second

// clocks compares the newest records of other processes with this host's clock.
func (d *doctor) clocks(ctx context.Context) ([]obs.Finding, error) {
	topics := []string{d.c.cfg.Topics.Stats, d.c.cfg.Topics.Packets, d.c.cfg.Topics.Alerts}
	newest, err := d.c.adm.ListMaxTimestampOffsets(ctx, topics...)
	if err != nil {
		return []obs.Finding{obs.Found("clocks", "the brokers do not tell the time of the newest records (they are older than Kafka 3.0)")}, nil
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
		return []obs.Finding{obs.Warn("clocks", "set the clocks of all hosts by NTP", "the newest record of %s is %s ahead of this host's clock", topic, ahead.Round(time.Millisecond))}, nil
	}
	return []obs.Finding{obs.Found("clocks", "no record is ahead of this host's clock")}, nil
}
