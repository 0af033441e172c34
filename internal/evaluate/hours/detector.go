package hours

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// detector is a pipeline with the alerts that it has raised. It belongs to one goroutine.
type detector struct {
	pipeline *engine.Pipeline
	alerts   map[string]*models.Alert // by id, the last record of each
}

func newDetector(cfg *config.Config) (*detector, error) {
	d := &detector{alerts: map[string]*models.Alert{}}
	c, err := settings.Engine(cfg, 1)
	if err != nil {
		return nil, err
	}
	d.pipeline, err = engine.NewPipeline(c, 0, d.alert)
	return d, err
}

// alert keeps a record of an alert unless there is a later one.
func (d *detector) alert(a *models.Alert) {
	if old := d.alerts[a.ID]; old == nil || a.Count >= old.Count {
		d.alerts[a.ID] = a
	}
}

// raised returns the alerts in the order of their start.
func (d *detector) raised() []*models.Alert {
	list := make([]*models.Alert, 0, len(d.alerts))
	for _, a := range d.alerts {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *models.Alert) int {
		return cmp.Or(cmp.Compare(a.TS, b.TS), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// checkEvery is how many packets may be scored before the end of the context is noticed.
const checkEvery = 1024

// background is the hour of a seed after scoring: its result, and what an attack needs.
type background struct {
	hour     Hour
	ends     ends
	snapshot []byte              // of the pipeline when attacks start
	before   []float64           // scores of the packets before, ascending
	after    []models.PacketMeta // the packets from then on
}

// alone scores an hour without attacks.
func alone(ctx context.Context, cfg *config.Config, seed uint64, h *hour, packets []models.PacketMeta, attacks models.Timestamp) (*background, error) {
	d, err := newDetector(cfg)
	if err != nil {
		return nil, err
	}
	start := 0
	for start < len(packets) && packets[start].TS < attacks {
		start++
	}
	b := &background{ends: h.ends, after: slices.Clone(packets[start:])}
	b.hour = Hour{Seed: seed, Captures: h.captures, Frames: len(h.frames)}
	for i := range packets {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i == start {
			b.snapshot = d.pipeline.AppendState(nil)
		}
		score, scored := d.pipeline.Packet(&packets[i])
		b.hour.add(score, scored)
		if i < start {
			b.before = append(b.before, score)
		}
	}
	if start == len(packets) {
		b.snapshot = d.pipeline.AppendState(nil)
	}
	d.pipeline.Flush()
	slices.Sort(b.before)
	b.hour.alerts(d.raised())
	return b, nil
}

// under scores an attack in the hour of b: from the snapshot to the time after its end.
func (d *detector) under(ctx context.Context, b *background, a *attack, after time.Duration) (*AttackRun, error) {
	clear(d.alerts)
	if err := d.pipeline.Restore(b.snapshot); err != nil {
		return nil, err
	}
	scores := make([]float64, len(a.times)) // of the attack's frames
	var rest []float64                      // of the hour's packets
	until := a.end() + models.Timestamp(after)
	for i, j := 0, 0; ; {
		if (i+j)%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		ordinary := i < len(b.after) && b.after[i].TS <= until
		switch {
		case ordinary && (j == len(a.packets) || b.after[i].TS <= a.packets[j].TS):
			score, _ := d.pipeline.Packet(&b.after[i])
			rest = append(rest, score)
			i++
		case j < len(a.packets):
			score, _ := d.pipeline.Packet(&a.packets[j])
			at := a.frameOf[j]
			scores[at] = max(scores[at], score)
			j++
		default:
			d.pipeline.Flush()
			return judge(d.raised(), a, b, scores, rest), nil
		}
	}
}
