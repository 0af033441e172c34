package backtest

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// outcome is the alerts of a replay: for each, the newest version within the span, and the
// newest one that the engine must have published by now.
type outcome struct {
	from, to models.Timestamp
	upTo     uint64 // packets that the engine has processed durably
	newest   map[string]*models.Alert
	due      map[string]*models.Alert
	known    map[string]bool // every alert, also outside the span
}

func newOutcome(from, to models.Timestamp) *outcome {
	return &outcome{from: from, to: to, newest: map[string]*models.Alert{}, due: map[string]*models.Alert{}, known: map[string]bool{}}
}

func (o *outcome) within(a *models.Alert) bool { return a.LastTS >= o.from && a.LastTS <= o.to }

func (o *outcome) emit(a *models.Alert, after uint64) {
	o.known[a.ID] = true
	if !o.within(a) {
		return
	}
	o.newest[a.ID] = a
	if after <= o.upTo {
		o.due[a.ID] = a
	}
}

// differences are the differences of two sets of alerts.
type differences struct {
	added, removed []models.Alert
	changed        []AlertChange
	same           int
}

func (d *differences) differences() int { return len(d.added) + len(d.removed) + len(d.changed) }

// seen is one published alert.
type seen struct {
	match  *models.Alert // the version that the replay also has
	newest *models.Alert // within the span
	first  int64         // packets that the model had processed at the start of the alert
}

// published compares the alerts of a replay with the published ones. An idle engine publishes
// additional versions, so versions are matched by count, and an alert without a version
// within the span here is not missing. Alerts that started after the packets that the engine
// has processed durably, or before the replay did, are not compared.
func (r *backtest) published(ctx context.Context, lane int32, run *outcome, start uint64) (d differences, err error) {
	topic := map[string]*seen{}
	err = r.past.alerts(ctx, func(a *models.Alert) {
		if a.Model.Partition != lane {
			return
		}
		s := topic[a.ID]
		if s == nil {
			s = &seen{first: a.Model.Offset}
			topic[a.ID] = s
		}
		s.first = min(s.first, a.Model.Offset)
		if run.within(a) && (s.newest == nil || a.Count >= s.newest.Count) {
			s.newest = a
		}
		if mine := run.due[a.ID]; mine != nil && mine.Count == a.Count {
			s.match = a
		}
	})
	for id, mine := range run.due {
		s := topic[id]
		switch {
		case s == nil || s.match == nil && s.newest == nil:
			d.added = append(d.added, *mine)
		case s.match == nil:
			d.changed = append(d.changed, AlertChange{*s.newest, *mine, alertFields(s.newest, mine)})
		case len(alertFields(s.match, mine)) > 0:
			d.changed = append(d.changed, AlertChange{*s.match, *mine, alertFields(s.match, mine)})
		default:
			d.same++
		}
	}
	for id, s := range topic {
		if !run.known[id] && s.newest != nil && s.first >= int64(start) && s.first < int64(run.upTo) {
			d.removed = append(d.removed, *s.newest)
		}
	}
	return d, err
}

// compareRuns compares two replays of the same packets. An alert whose episode starts with
// another packet has another id; alerts about the same source at the same time count as one
// that changed.
func compareRuns(before, after map[string]*models.Alert) (d differences) {
	var gone, come []*models.Alert
	for _, id := range slices.Sorted(maps.Keys(before)) {
		b, a := before[id], after[id]
		if a == nil {
			gone = append(gone, b)
			continue
		}
		if fields := judged(alertFields(b, a)); len(fields) > 0 {
			d.changed = append(d.changed, AlertChange{*b, *a, fields})
		} else {
			d.same++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if before[id] == nil {
			come = append(come, after[id])
		}
	}
	for _, b := range gone {
		i := mostSimilar(b, come)
		if i < 0 {
			d.removed = append(d.removed, *b)
			continue
		}
		d.changed = append(d.changed, AlertChange{*b, *come[i], judged(alertFields(b, come[i]))})
		come = slices.Delete(come, i, i+1)
	}
	for _, a := range come {
		d.added = append(d.added, *a)
	}
	return d
}

// mostSimilar returns the index of the alert in list about the same source at the same time,
// preferring the same destination, then the same kind, then the longest overlap; -1 if no
// alert matches.
func mostSimilar(a *models.Alert, list []*models.Alert) (best int) {
	best, most := -1, models.Timestamp(0)
	for i, b := range list {
		common := min(a.LastTS, b.LastTS) - max(a.TS, b.TS)
		if a.SrcIP != b.SrcIP || common < 0 {
			continue
		}
		common = min(common, 1<<60) + 1
		if a.Kind == b.Kind {
			common += 1 << 60
		}
		if a.DstIP == b.DstIP {
			common += 1 << 61
		}
		if common > most {
			best, most = i, common
		}
	}
	return best
}

// alertFields returns the names of the JSON fields that differ, except for texts.
func alertFields(a, b *models.Alert) (names []string) {
	x, y := comparedFields(a), comparedFields(b)
	for name := range x {
		if !reflect.DeepEqual(x[name], y[name]) {
			names = append(names, name)
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// jsonFields returns an alert as in the topic, so that a published and a new alert compare
// equal if their JSON is equal.
func jsonFields(a *models.Alert) map[string]any {
	b, err := json.Marshal(a)
	var fields map[string]any
	if err == nil {
		err = json.Unmarshal(b, &fields)
	}
	if err != nil {
		return map[string]any{"": err.Error()}
	}
	return fields
}

// comparedFields returns the fields of an alert without its texts and without the lane of the
// model. Texts are rendered from the other fields and change with the version of the program;
// the partition of the model has the lane too, which older alerts do not have.
func comparedFields(a *models.Alert) map[string]any {
	fields := jsonFields(a)
	delete(fields, "summary")
	if c, ok := fields["counterfactual"].(map[string]any); ok {
		delete(c, "text")
	}
	if m, ok := fields["model"].(map[string]any); ok {
		delete(m, "lane")
	}
	reasons, _ := fields["reasons"].([]any)
	for _, r := range reasons {
		if r, ok := r.(map[string]any); ok {
			delete(r, "text")
		}
	}
	return fields
}

// AlertFields returns each field of an alert as JSON text, for display.
func AlertFields(a *models.Alert) map[string]string {
	fields, texts := jsonFields(a), map[string]string{}
	for name := range fields {
		texts[name] = jsonText(fields, name)
	}
	return texts
}

// follows are fields that depend on settings directly or derive from other fields; a
// difference in these alone is not a change of the alert.
var follows = []string{"threshold", "counterfactual", "evidence", "features", "model", "conn"}

func judged(fields []string) []string {
	return slices.DeleteFunc(fields, func(name string) bool { return slices.Contains(follows, name) })
}

func sortAlerts(list []models.Alert) {
	slices.SortFunc(list, func(a, b models.Alert) int { return cmp.Or(cmp.Compare(a.TS, b.TS), cmp.Compare(a.ID, b.ID)) })
}

func sortChanges(list []AlertChange) {
	slices.SortFunc(list, func(a, b AlertChange) int {
		return cmp.Or(cmp.Compare(a.Before.TS, b.Before.TS), cmp.Compare(a.Before.ID, b.Before.ID))
	})
}
