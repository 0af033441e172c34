package backtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// Moment is an event time, or so long before the newest packet. The zero value is none.
type Moment struct {
	TS   models.Timestamp
	Back time.Duration // > 0: TS is not used
}

// none reports that nothing was said.
func (m Moment) none() bool { return m.TS == 0 && m.Back == 0 }

// at is the event time, where newest is that of the newest packet.
func (m Moment) at(newest models.Timestamp) models.Timestamp {
	if m.Back > 0 {
		return newest - models.Timestamp(m.Back)
	}
	return m.TS
}

// Config says which span of the past to run again, and with what.
type Config struct {
	From, To Moment
	Changed  *config.Config // the settings to try; nil: those that there are
	Set      []string       // how they were said, for the report
}

// Backtest is what came of it.
type Result struct {
	From      models.Timestamp `json:"from"` // event time from which on alerts were compared
	To        models.Timestamp `json:"to"`
	Packets   uint64           `json:"packets"` // taken in within that span
	Set       []string         `json:"set,omitempty"`
	Against   string           `json:"against"` // what the outcome was compared with: "published", or "present settings"
	Starts    []Start          `json:"starts"`  // where the reading began, by lane
	Added     []models.Alert   `json:"added"`
	Removed   []models.Alert   `json:"removed"`
	Changed   []AlertChange    `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Notes     []string         `json:"notes,omitempty"`
}

// AlertChange is an alert that came out otherwise.
type AlertChange struct {
	Before models.Alert `json:"before"`
	After  models.Alert `json:"after"`
	Fields []string     `json:"fields"` // that differ, by their names in JSON
}

// What an outcome can be compared with.
const (
	AgainstPublished = "published"
	AgainstPresent   = "present settings"
)

// errNothingToTry says that the changed settings make no difference to an engine.
var errNothingToTry = errors.New("--set changes nothing that an engine goes by: ANOMALY_THRESHOLD, ALERT_BUDGET_PER_DAY, WARMUP_PACKETS, EPISODE_QUIET and HST_* can be tried")

// errLanes says that models cannot be compared one by one.
var errLanes = errors.New("ENGINE_LANES cannot be tried: alerts of other models are other alerts; 'netlyra eval' compares those")

// Run runs the engine over the past of the packets topic. With nothing changed it
// compares what comes out with what was published; else it runs the present and the changed
// settings side by side and compares these two.
func Run(ctx context.Context, cfg *config.Config, b Config, opts settings.Options) (out *Result, err error) {
	p, err := openPast(ctx, cfg, opts.Log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r := &backtest{past: p, present: p.engineConfig(cfg), log: opts.Log}
	r.out = &Result{Set: b.Set, Against: AgainstPublished, Added: []models.Alert{}, Removed: []models.Alert{}, Changed: []AlertChange{}}
	if b.Changed != nil {
		changed := p.engineConfig(b.Changed)
		if err := r.compareWith(&changed); err != nil {
			return nil, err
		}
	}
	if err := r.span(ctx, b); err != nil {
		return nil, err
	}
	stop := settings.Watch(opts.Progress, func() settings.Progress { return settings.Progress{Packets: r.packets.Load()} })
	defer stop()
	for lane := range r.present.Working() {
		if err := r.lane(ctx, lane); err != nil {
			return nil, err
		}
	}
	r.finish()
	return r.out, nil
}

// backtest is one run.
type backtest struct {
	past    *past
	log     *slog.Logger
	present engine.Config
	changed *engine.Config // nil: nothing
	from    models.Timestamp
	to      models.Timestamp
	first   models.Timestamp // of the packets within the span
	last    models.Timestamp
	packets atomic.Uint64
	out     *Result
}

// compareWith takes the changed settings in.
func (r *backtest) compareWith(changed *engine.Config) error {
	// When state is saved and samples are published decides nothing.
	changed.CheckpointEvery, changed.CheckpointRecords, changed.ScoresEvery = r.present.CheckpointEvery, r.present.CheckpointRecords, r.present.ScoresEvery
	changed.Group = r.present.Group
	switch {
	case changed.Lanes != r.present.Lanes:
		return errLanes
	case *changed == r.present:
		return errNothingToTry
	}
	r.changed, r.out.Against = changed, AgainstPresent
	return nil
}

// decides reports that the settings differ only in what is made of scores. A model that
// was learned under one of them can go on under the other.
func decides(a, b engine.Config) bool {
	a.Threshold, a.Quiet = b.Threshold, b.Quiet
	return a == b
}

// maxTime is later than every packet.
const maxTime = models.Timestamp(1<<63 - 1)

// span finds out from when to when.
func (r *backtest) span(ctx context.Context, b Config) error {
	var newest models.Timestamp
	if b.From.Back > 0 || b.To.Back > 0 {
		var err error
		if newest, err = r.past.newest(ctx); err != nil {
			return err
		}
	}
	r.to = maxTime
	if !b.To.none() {
		r.to = b.To.at(newest)
	}
	if !b.From.none() {
		r.from = b.From.at(newest)
	}
	if r.from > r.to {
		return fmt.Errorf("--from %s is after --to %s", r.from, r.to)
	}
	return nil
}

// disorder is by how much packets may be out of the order of their timestamps.
const disorder = 5 * models.Timestamp(time.Second)

// lane runs one lane's part of the span.
func (r *backtest) lane(ctx context.Context, id int32) error {
	now := newOutcome(r.from, r.to)
	a, err := newPlayer(r.present, id, now.emit)
	if err != nil {
		return err
	}
	players := []*player{a}
	var then *outcome
	if r.changed != nil {
		then = newOutcome(r.from, r.to)
		b, err := newPlayer(*r.changed, id, then.emit)
		if err != nil {
			return err
		}
		players = append(players, b)
	}
	if err := r.begin(ctx, players); err != nil {
		return err
	}
	var saved bool
	if now.upTo, saved, err = r.past.progress(ctx, r.present.Group, id); err != nil {
		return err
	}
	if !saved && r.changed == nil {
		return fmt.Errorf("no engine of group %s has saved a checkpoint, so it is not known how far its alerts go: start one, or wait for CHECKPOINT_EVERY; with --set two runs are compared, which needs none", r.present.Group)
	}
	now.from = r.from // it may have moved
	if then != nil {
		then.from = r.from
	}
	r.out.Starts = append(r.out.Starts, a.start)
	if err := r.play(ctx, players); err != nil {
		return err
	}
	published, err := r.published(ctx, id, now, a.start.Packets)
	if err != nil {
		return err
	}
	if r.changed == nil {
		r.add(published)
		return nil
	}
	for _, p := range players {
		p.lane.Announce()
	}
	r.add(compareRuns(now.newest, then.newest))
	if n := published.differences(); saved && !a.start.Cold && n > 0 {
		r.note("%d of the alerts that were published differ from what the present settings make of the same packets: the engine had others then; a run without --set tells which", n)
	}
	return nil
}

// play reads until the span is over, and until what began in it has been quiet for so
// long that it was published for the last time.
func (r *backtest) play(ctx context.Context, players []*player) error {
	over := false
	enough := models.Timestamp(max(players[0].cfg.Quiet, players[len(players)-1].cfg.Quiet)) + 60*disorder
	players[0].lane.OnScore(func(m *models.PacketMeta, _ float64, _ bool) {
		if m.TS >= r.from && m.TS <= r.to {
			r.packets.Add(1)
			if r.first == 0 || m.TS < r.first {
				r.first = m.TS
			}
			r.last = max(r.last, m.TS)
		}
		over = over || r.to != maxTime && m.TS > r.to+enough
	})
	return play(ctx, r.past, players, func() bool { return !over })
}

func (r *backtest) note(format string, args ...any) {
	r.out.Notes = append(r.out.Notes, fmt.Sprintf(format, args...))
}

func (r *backtest) add(d differences) {
	r.out.Added = append(r.out.Added, d.added...)
	r.out.Removed = append(r.out.Removed, d.removed...)
	r.out.Changed = append(r.out.Changed, d.changed...)
	r.out.Unchanged += d.same
}

// finish completes the report.
func (r *backtest) finish() {
	r.out.From, r.out.To, r.out.Packets = r.first, r.last, r.packets.Load()
	if r.out.Packets == 0 {
		r.note("there is no packet in this span")
	}
	sortAlerts(r.out.Added)
	sortAlerts(r.out.Removed)
	sortChanges(r.out.Changed)
}
