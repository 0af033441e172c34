package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// Alerts holds the last record of each alert. The zero value is ready.
type Alerts struct{ byID map[string]*models.Alert }

// Add takes in a record, which is the Alerts' from then on. Of records with the same
// id the one with the highest count stands, then the one with the latest packet.
func (a *Alerts) Add(r *models.Alert) {
	if a.byID == nil {
		a.byID = map[string]*models.Alert{}
	}
	old := a.byID[r.ID]
	if old == nil || r.Count > old.Count || r.Count == old.Count && r.LastTS >= old.LastTS {
		a.byID[r.ID] = r
	}
}

// Merge takes in all of b.
func (a *Alerts) Merge(b *Alerts) {
	for _, r := range b.List() {
		a.Add(r)
	}
}

// List is all alerts by the time of their first packet, then by id.
func (a *Alerts) List() []*models.Alert {
	return slices.SortedFunc(maps.Values(a.byID), func(x, y *models.Alert) int {
		if x.TS != y.TS {
			if x.TS < y.TS {
				return -1
			}
			return 1
		}
		return strings.Compare(x.ID, y.ID)
	})
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
