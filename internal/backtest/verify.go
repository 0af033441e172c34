package backtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/settings"
)

// Verification reports whether the packets of an alert reproduce it.
type Verification struct {
	ID       string            `json:"id"`
	Start    Start             `json:"start"`
	Packets  uint64            `json:"packets"` // processed since the start
	Versions []VerifiedVersion `json:"versions"`
	Notes    []string          `json:"notes,omitempty"`
}

// VerifiedVersion is one stored version of the alert.
type VerifiedVersion struct {
	Where       string          `json:"where"` // database, or topic
	Count       uint64          `json:"count"` // packets of the episode in this version
	Reproduced  bool            `json:"reproduced"`
	Fields      int             `json:"fields"` // number of compared fields; texts are not compared
	Differences []FieldMismatch `json:"differences,omitempty"`

	kept *models.Alert
}

// FieldMismatch is a field that differs. Values are JSON, "" for an absent field.
type FieldMismatch struct {
	Field      string `json:"field"`
	Kept       string `json:"kept"`
	Reproduced string `json:"reproduced"`
}

// Kept returns the stored version.
func (x *VerifiedVersion) Kept() *models.Alert { return x.kept }

// OK reports whether every version was reproduced exactly.
func (v *Verification) OK() bool {
	return !slices.ContainsFunc(v.Versions, func(x VerifiedVersion) bool { return !x.Reproduced })
}

// Verify looks an alert up in the database, if there is one, and in its topic, replays the
// packets topic from the newest checkpoint before the alert or from its beginning, and
// compares the alerts field by field. It returns models.ErrNotFound for an unknown alert.
func Verify(ctx context.Context, cfg *config.Config, id string, opts settings.Options) (a models.AlertDetail, v *Verification, err error) {
	v = &Verification{ID: id}
	if _, missing := os.Stat(cfg.DBPath); missing == nil {
		a, err = StoredAlert(ctx, cfg, id, opts.Log)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return a, nil, err
		}
		if err == nil {
			v.Versions = append(v.Versions, VerifiedVersion{Where: "database", Count: a.Count, kept: &a.Alert})
		}
	}
	p, err := openPast(ctx, cfg, opts.Log)
	if err != nil {
		return a, nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	published, err := p.newestVersion(ctx, id)
	if err != nil {
		return a, nil, err
	}
	if published != nil {
		v.Versions = append(v.Versions, VerifiedVersion{Where: "topic", Count: published.Count, kept: published})
		if len(v.Versions) == 1 {
			a.Alert, a.NextSteps = *published, vocabulary.NextSteps(published.Kind)
		}
	}
	if len(v.Versions) == 0 {
		return a, nil, models.ErrNotFound
	}
	return a, v, v.reproduce(ctx, p, opts)
}

// newestVersion returns the last version of an alert in the topic, nil if there is no such alert.
func (p *past) newestVersion(ctx context.Context, id string) (newest *models.Alert, err error) {
	err = p.alerts(ctx, func(a *models.Alert) {
		if a.ID == id && (newest == nil || a.Count >= newest.Count) {
			newest = a
		}
	})
	return newest, err
}

// reproduce replays and compares.
func (v *Verification) reproduce(ctx context.Context, p *past, opts settings.Options) error {
	first := v.Versions[0].kept
	w := &verifier{id: v.ID, wanted: map[uint64]*models.Alert{}, since: first.TS}
	at := first.Model.Offset
	for _, x := range v.Versions {
		w.wanted[x.Count] = nil
		w.most = max(w.most, x.Count)
		w.since, at = min(w.since, x.kept.TS), min(at, x.kept.Model.Offset)
		if x.kept.Model.Version != engine.Version {
			v.note("the version in the %s was made by model version %s, this program has version %s", x.Where, x.kept.Model.Version, engine.Version)
		}
	}
	cfg, err := p.engineConfig(p.cfg)
	if err != nil {
		return err
	}
	if lane := first.Model.Partition; lane < 0 || lane >= int32(cfg.Lanes) {
		return fmt.Errorf("alert %s is from lane %d, but ENGINE_LANES is %d: set it to the value at the time", v.ID, lane, cfg.Lanes)
	}
	lane, err := newPlayer(cfg, first.Model.Partition, w.emit)
	if err != nil {
		return err
	}
	if err := v.begin(ctx, p, lane, uint64(max(at, 0)), w.since); err != nil {
		return err
	}
	w.watch(lane)
	stop := settings.Watch(opts.Progress, func() settings.Progress { return settings.Progress{Packets: w.packets.Load()} })
	err = play(ctx, p, []*player{lane}, w.more)
	stop()
	if err != nil {
		return err
	}
	v.Start, v.Packets = lane.start, w.packets.Load()
	for i := range v.Versions {
		v.Versions[i].compare(w.wanted[v.Versions[i].Count])
	}
	return nil
}

func (v *Verification) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

// begin restores the newest checkpoint before the alert started. Without one, and without
// the beginning of the topic, it uses one before the packet that the alert describes; the
// counts of the episode up to there are then trusted.
func (v *Verification) begin(ctx context.Context, p *past, lane *player, at uint64, ts models.Timestamp) error {
	found, err := lane.restore(ctx, p, func(i models.CheckpointInfo) bool { return i.Packets <= at && i.EventTS < ts })
	if err != nil || found {
		return err
	}
	spans, err := p.client.PacketSpans(ctx)
	if err != nil || lane.whole(spans) {
		return err
	}
	passed := lane.start.Passed
	found, err = lane.restore(ctx, p, func(i models.CheckpointInfo) bool { return i.Packets <= at })
	switch {
	case err != nil:
		return err
	case !found && len(passed) > 0:
		return fmt.Errorf("alert %s cannot be verified: no usable checkpoint before it: %s", v.ID, strings.Join(passed, "; "))
	case !found:
		return fmt.Errorf("alert %s of %s cannot be verified: neither a checkpoint from before it nor the beginning of the topic exists; CHECKPOINT_KEYFRAMES and PACKETS_RETENTION determine how long they are retained", v.ID, ts)
	}
	v.note("the oldest usable checkpoint is of %s, after the start of the episode; counts up to then are taken from it", lane.start.TS)
	return nil
}

// compare sets the differences between the stored and the reproduced version.
func (x *VerifiedVersion) compare(got *models.Alert) {
	kept := comparedFields(x.kept)
	x.Fields = len(kept)
	if got == nil {
		x.Differences = []FieldMismatch{{Field: "count", Kept: jsonText(kept, "count"), Reproduced: ""}}
		return
	}
	made := comparedFields(got)
	for _, name := range alertFields(x.kept, got) {
		x.Differences = append(x.Differences, FieldMismatch{name, jsonText(kept, name), jsonText(made, name)})
	}
	x.Reproduced = len(x.Differences) == 0
}

func jsonText(fields map[string]any, name string) string {
	v, ok := fields[name]
	if !ok {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
