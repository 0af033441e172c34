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

// MaxAlerts is how many alerts are held, some 80 MB of them. More than that are no
// longer alerts but a detector that knows nothing of the traffic.
const MaxAlerts = 1 << 14

// Alerts holds the last record of each alert. Where there are more than its limit, those
// with the lowest scores, then the fewest packets, are left out.
type Alerts struct {
	limit   int
	byID    map[string]*models.Alert
	LeftOut bool // some were
}

// NewAlerts makes an empty Alerts that holds so many.
func NewAlerts(limit int) *Alerts { return &Alerts{limit: limit, byID: map[string]*models.Alert{}} }

// Add takes in a record, which is the Alerts' from then on. Of records with the same
// id the one with the highest count stands, then the one with the latest packet.
func (a *Alerts) Add(r *models.Alert) {
	old := a.byID[r.ID]
	if old == nil || r.Count > old.Count || r.Count == old.Count && r.LastTS >= old.LastTS {
		a.byID[r.ID] = r
	}
	if len(a.byID) > a.limit+a.limit/4 { // not for each one anew
		a.prune()
	}
}

// Merge takes in all of b.
func (a *Alerts) Merge(b *Alerts) {
	for _, r := range b.List() {
		a.Add(r)
	}
	a.LeftOut = a.LeftOut || b.LeftOut
}

// prune leaves the least out, down to the limit.
func (a *Alerts) prune() {
	if len(a.byID) <= a.limit {
		return
	}
	a.LeftOut = true
	list := slices.SortedFunc(maps.Values(a.byID), func(x, y *models.Alert) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(y.Count, x.Count), byTime(x, y))
	})
	for _, r := range list[a.limit:] {
		delete(a.byID, r.ID)
	}
}

// List is the alerts by the time of their first packet, then by id.
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
