package faults

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/netlyra/netlyra/internal/models"
)

// Alerts maps ids of alerts to their JSON.
type Alerts map[string]string

// put adds an alert; a duplicate id is an error.
func (a Alerts) put(alert *models.Alert) error {
	if _, ok := a[alert.ID]; ok {
		return fmt.Errorf("alert %s is duplicated", alert.ID)
	}
	b, err := json.Marshal(alert)
	a[alert.ID] = string(b)
	return err
}

// ParseAlerts parses alerts as JSON, one per line.
func ParseAlerts(b []byte) (Alerts, error) {
	all := Alerts{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a models.Alert
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, err
		}
		if err := all.put(&a); err != nil {
			return nil, err
		}
	}
	return all, lines.Err()
}

// StoredAlerts reads the rows of a database, which another process may be writing. The
// caller must link a driver named sqlite3.
func StoredAlerts(path string) (Alerts, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT id, ts, last_ts, src_ip, dst_ip, src_port, dst_port, proto, score, threshold, severity, count,
		kind, technique, scale, summary, conn, features, reasons, counterfactual, evidence, recurrence, model FROM alerts`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := Alerts{}
	for rows.Next() {
		var a models.Alert
		var features, reasons, counterfactual, evidence, recurrence, model []byte
		err := rows.Scan(&a.ID, &a.TS, &a.LastTS, &a.SrcIP, &a.DstIP, &a.SrcPort, &a.DstPort, &a.Proto, &a.Score, &a.Threshold, &a.Severity, &a.Count,
			&a.Kind, &a.Technique, &a.Scale, &a.Summary, &a.Conn, &features, &reasons, &counterfactual, &evidence, &recurrence, &model)
		if err != nil {
			return nil, err
		}
		for text, into := range map[*[]byte]any{&features: &a.Features, &reasons: &a.Reasons, &counterfactual: &a.Counterfactual,
			&evidence: &a.Evidence, &recurrence: &a.Recurrence, &model: &a.Model} {
			if len(*text) == 0 {
				continue
			}
			if err := json.Unmarshal(*text, into); err != nil {
				return nil, fmt.Errorf("alert %s: %w", a.ID, err)
			}
		}
		if err := all.put(&a); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}

// Diff returns the differences, one line per alert; "" if a and got are equal.
func (a Alerts) Diff(got Alerts) string {
	var b bytes.Buffer
	for id, want := range a {
		switch text, ok := got[id]; {
		case !ok:
			fmt.Fprintf(&b, "missing: %s\n", want)
		case text != want:
			fmt.Fprintf(&b, "want %s\n got %s\n", want, text)
		}
	}
	for id, text := range got {
		if _, ok := a[id]; !ok {
			fmt.Fprintf(&b, "unexpected: %s\n", text)
		}
	}
	return b.String()
}
