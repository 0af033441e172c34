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

// Moment is an event time, or a time before the newest packet. The zero value is not set.
type Moment struct {
	TS   models.Timestamp
	Back time.Duration // if > 0, TS is ignored
}

// none reports whether m is not set.
func (m Moment) none() bool { return m.TS == 0 && m.Back == 0 }

// at returns the event time, given that of the newest packet.
func (m Moment) at(newest models.Timestamp) models.Timestamp {
	if m.Back > 0 {
		return newest - models.Timestamp(m.Back)
	}
	return m.TS
}

// Config is the span of the past to replay, and the settings to try.
type Config struct {
	From, To Moment
	Changed  *config.Config // settings to try; nil: compare with the published alerts
	Set      []string       // the changes as given, for the report
}

// Result is the comparison of a replay.
type Result struct {
	From      models.Timestamp `json:"from"` // event time of the first compared packet
	To        models.Timestamp `json:"to"`
	Packets   uint64           `json:"packets"` // within that span
	Set       []string         `json:"set,omitempty"`
	Against   string           `json:"against"` // what the alerts were compared with: "published" or "present settings"
	Starts    []Start          `json:"starts"`  // where the replay started, by lane
	Added     []models.Alert   `json:"added"`
	Removed   []models.Alert   `json:"removed"`
	Changed   []AlertChange    `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Notes     []string         `json:"notes,omitempty"`
}

// AlertChange is an alert that differs.
type AlertChange struct {
	Before models.Alert `json:"before"`
	After  models.Alert `json:"after"`
	Fields []string     `json:"fields"` // names of the differing JSON fields
}

// What alerts can be compared with.
const (
	AgainstPublished = "published"
	AgainstPresent   = "present settings"
)

// errNothingToTry is returned if the changed settings do not affect an engine.
var errNothingToTry = errors.New("--set changes no setting of the engine: try ANOMALY_THRESHOLD, ALERT_BUDGET_PER_DAY, PRIOR_FILE, WARMUP_PACKETS, EPISODE_QUIET or HST_*")

// errLanes is returned because lanes can only be compared one to one.
var errLanes = errors.New("ENGINE_LANES cannot be changed in a backtest, because alerts are compared lane by lane; use 'netlyra eval'")

// Run replays the packets topic. Without changed settings it compares the alerts with the
// published ones; else it replays with the current and the changed settings side by side
// and compares these two.
func Run(ctx context.Context, cfg *config.Config, b Config, opts settings.Options) (out *Result, err error) {
	p, err := openPast(ctx, cfg, opts.Log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r := &backtest{past: p, log: opts.Log}
	if r.present, err = p.engineConfig(cfg); err != nil {
		return nil, err
	}
	r.out = &Result{Set: b.Set, Against: AgainstPublished, Added: []models.Alert{}, Removed: []models.Alert{}, Changed: []AlertChange{}}
	if b.Changed != nil {
		changed, err := p.engineConfig(b.Changed)
		if err != nil {
			return nil, err
		}
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

// compareWith sets the changed settings.
func (r *backtest) compareWith(changed *engine.Config) error {
	// These settings do not affect alerts.
	changed.CheckpointEvery, changed.CheckpointRecords, changed.ScoresEvery = r.present.CheckpointEvery, r.present.CheckpointRecords, r.present.ScoresEvery
	changed.Group = r.present.Group
	if a, b := r.present.Reference, changed.Reference; a != nil && b != nil && *a == *b {
		changed.Reference = a
	}
	switch {
	case changed.Lanes != r.present.Lanes:
		return errLanes
	case *changed == r.present:
		return errNothingToTry
	}
	r.changed, r.out.Against = changed, AgainstPresent
	return nil
}

// sameModel reports whether the settings differ only in how scores become alerts, so that a
// model learned with one can continue with the other.
func sameModel(a, b engine.Config) bool {
	a.Threshold, a.Quiet, a.Reference = b.Threshold, b.Quiet, b.Reference
	return a == b
}

// maxTime is later than every packet.
const maxTime = models.Timestamp(1<<63 - 1)

// span determines the event times of the span.
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

// disorder is how far packets may be out of the order of their timestamps.
const disorder = 5 * models.Timestamp(time.Second)

// lane replays one lane.
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
		return fmt.Errorf("no engine of group %s has saved a checkpoint, so the extent of its alerts is unknown: start one or wait for CHECKPOINT_EVERY; --set compares two replays and needs no checkpoint", r.present.Group)
	}
	now.from = r.from // begin may have moved it
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
		r.note("%d published alerts differ from those of the current settings for the same packets, because the engine had other settings at the time; run without --set to list them", n)
	}
	return nil
}

// play replays until the span is over and every episode that started in it has been quiet
// long enough to be published for the last time.
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

// finish completes the result.
func (r *backtest) finish() {
	r.out.From, r.out.To, r.out.Packets = r.first, r.last, r.packets.Load()
	if r.out.Packets == 0 {
		r.note("the span has no packets")
	}
	sortAlerts(r.out.Added)
	sortAlerts(r.out.Removed)
	sortChanges(r.out.Changed)
}
