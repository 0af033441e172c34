package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// MaxAlerts is the maximum number of alerts in memory, about 80 MB. With more, the detector
// does not fit the traffic, and further alerts carry no information.
const MaxAlerts = 1 << 14

// Alerts contains the last record of each alert. Above its limit it discards those with
// the lowest scores, then those with the fewest packets.
type Alerts struct {
	limit     int
	byID      map[string]*models.Alert
	Truncated bool // alerts were discarded
}

// NewAlerts returns an empty Alerts with that limit.
func NewAlerts(limit int) *Alerts { return &Alerts{limit: limit, byID: map[string]*models.Alert{}} }

// Add adds a record, which the caller must not change afterwards. Of records with the same
// id it keeps the one with the highest count, then the one with the latest packet.
func (a *Alerts) Add(r *models.Alert) {
	old := a.byID[r.ID]
	if old == nil || r.Count > old.Count || r.Count == old.Count && r.LastTS >= old.LastTS {
		a.byID[r.ID] = r
	}
	if len(a.byID) > a.limit+a.limit/4 { // amortizes the sort
		a.prune()
	}
}

// Merge adds all alerts of b.
func (a *Alerts) Merge(b *Alerts) {
	for _, r := range b.List() {
		a.Add(r)
	}
	a.Truncated = a.Truncated || b.Truncated
}

// prune discards the least significant alerts above the limit.
func (a *Alerts) prune() {
	if len(a.byID) <= a.limit {
		return
	}
	a.Truncated = true
	list := slices.SortedFunc(maps.Values(a.byID), func(x, y *models.Alert) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(y.Count, x.Count), byTime(x, y))
	})
	for _, r := range list[a.limit:] {
		delete(a.byID, r.ID)
	}
}

// List returns the alerts by the time of their first packet, then by id.
func (a *Alerts) List() []*models.Alert {
	a.prune()
	return slices.SortedFunc(maps.Values(a.byID), byTime)
}

func byTime(x, y *models.Alert) int {
	return cmp.Or(cmp.Compare(x.TS, y.TS), strings.Compare(x.ID, y.ID))
}

// WriteAlerts writes alerts as JSON, one a line.
func WriteAlerts(w io.Writer, alerts []*models.Alert) error {
	b := bufio.NewWriterSize(w, bufferSize)
	for _, a := range alerts {
		line, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("alert %s: %w", a.ID, err)
		}
		b.Write(append(line, '\n'))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	return nil
}
