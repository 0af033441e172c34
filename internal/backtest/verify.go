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
	"github.com/netlyra/netlyra/internal/settings"
)

// Verification is whether an alert comes out again from the packets that raised it.
type Verification struct {
	ID       string            `json:"id"`
	Start    Start             `json:"start"`
	Packets  uint64            `json:"packets"` // taken in since the start
	Versions []VerifiedVersion `json:"versions"`
	Notes    []string          `json:"notes,omitempty"`
}

// VerifiedVersion is one of the states of the alert that were kept.
type VerifiedVersion struct {
	Where       string          `json:"where"` // database, or topic
	Count       uint64          `json:"count"` // packets of the episode by then
	Reproduced  bool            `json:"reproduced"`
	Fields      int             `json:"fields"` // that were compared
	Differences []FieldMismatch `json:"differences,omitempty"`

	kept *models.Alert
}

// FieldMismatch is a field that did not come out as it was kept. Values are JSON, ""
// where there is no such field.
type FieldMismatch struct {
	Field      string `json:"field"`
	Kept       string `json:"kept"`
	Reproduced string `json:"reproduced"`
}

// Kept is the version as it was kept.
func (x *VerifiedVersion) Kept() *models.Alert { return x.kept }

// OK reports that every version came out exactly.
func (v *Verification) OK() bool {
	return !slices.ContainsFunc(v.Versions, func(x VerifiedVersion) bool { return !x.Reproduced })
}

// Verify looks up an alert in the database, where there is one here, and on its topic,
// and lets the engine's own code read the packets topic from the newest checkpoint before
// the alert, or from its beginning, to see whether they come out of it again, field for
// field. models.ErrNotFound where there is no such alert.
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
			a.Alert = *published
		}
	}
	if len(v.Versions) == 0 {
		return a, nil, models.ErrNotFound
	}
	return a, v, v.reproduce(ctx, p, opts)
}

// newestVersion is the last version of an alert on the topic, nil where there is none.
func (p *past) newestVersion(ctx context.Context, id string) (newest *models.Alert, err error) {
	err = p.alerts(ctx, func(a *models.Alert) {
		if a.ID == id && (newest == nil || a.Count >= newest.Count) {
			newest = a
		}
	})
	return newest, err
}

// reproduce runs the engine and compares.
func (v *Verification) reproduce(ctx context.Context, p *past, opts settings.Options) error {
	first := v.Versions[0].kept
	w := &verifier{id: v.ID, wanted: map[uint64]*models.Alert{}, since: first.TS}
	at := first.Model.Offset
	for _, x := range v.Versions {
		w.wanted[x.Count] = nil
		w.most = max(w.most, x.Count)
		w.since, at = min(w.since, x.kept.TS), min(at, x.kept.Model.Offset)
		if x.kept.Model.Version != engine.Version {
			v.note("the %s has it from version %s of the model, this program is version %s", x.Where, x.kept.Model.Version, engine.Version)
		}
	}
	cfg := p.engineConfig(p.cfg)
	if lane := first.Model.Partition; lane < 0 || lane >= int32(cfg.Lanes) {
		return fmt.Errorf("alert %s is from lane %d, and there are %d: set ENGINE_LANES to what it was", v.ID, lane, cfg.Lanes)
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

// begin brings the lane to the newest checkpoint before the alert began. Where there is
// none, and the beginning of the topic is gone too, one before the packet that it
// describes has to do: what the episode had counted by then is believed.
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
		return fmt.Errorf("alert %s cannot be verified: no checkpoint before it can be used: %s", v.ID, strings.Join(passed, "; "))
	case !found:
		return fmt.Errorf("alert %s cannot be verified: it is of %s, and neither a checkpoint before it nor the beginning of the topic is kept; CHECKPOINT_KEYFRAMES and PACKETS_RETENTION say for how long they are", v.ID, ts)
	}
	v.note("the oldest checkpoint that can be used is of %s, when the episode had begun; what it had counted by then is taken from there", lane.start.TS)
	return nil
}

// compare says in what the version that came out differs from the one that was kept.
func (x *VerifiedVersion) compare(got *models.Alert) {
	kept := jsonFields(x.kept)
	x.Fields = len(kept)
	if got == nil {
		x.Differences = []FieldMismatch{{Field: "count", Kept: jsonText(kept, "count"), Reproduced: ""}}
		return
	}
	made := jsonFields(got)
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
