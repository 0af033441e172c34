package report

import (
	"fmt"
	"strings"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// Evidence returns what raised an alert as one line for people, without its full stop:
// "Ports without success: 12 ports, alert from 9; it was 3 at first". It is "" without
// evidence. A statistic that this version does not have is shown as a plain number.
func Evidence(e *models.Evidence) string {
	if e == nil {
		return ""
	}
	name, unit := words(e.Feature), features.Unit("")
	if f := features.Lookup(e.Feature); f != nil {
		name, unit = f.DisplayName, f.Unit
	}
	text := fmt.Sprintf("%s: %s, alert from %s", name, unit.Quantity(e.Value), unit.Number(e.Limit))
	if len(e.Series) > 0 {
		if first := unit.Number(e.Series[0].Value); first != unit.Number(e.Value) {
			text += "; it was " + first + " at first"
		}
	}
	return text
}

// Recurrence returns how often the pattern of an alert came back as one line for people,
// without its full stop: "4th time since 2026-01-29 10:12 UTC, about every 20 minutes; it has
// become ordinary". It is "" for the first episode of a pattern.
func Recurrence(r *models.Recurrence) string {
	if r == nil || r.Count < 2 {
		return ""
	}
	text := ordinal(r.Count) + " time since " + r.First.Time().UTC().Format("2006-01-02 15:04 UTC")
	if r.Every > 0 {
		often := ", on average every "
		if r.Regular {
			often = ", about every "
		}
		text += often + features.Duration(r.Every)
	}
	if r.Baseline {
		text += "; it has become ordinary"
	}
	return text
}

// ordinal writes a rank: "1st", "12th", "1,023rd".
func ordinal(n uint64) string {
	suffix := "th"
	if tens := n % 100; tens < 11 || tens > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return Number(n) + suffix
}

// words writes an identifier as words: "probed_ports" is "Probed ports".
func words(code string) string {
	text := strings.ReplaceAll(code, "_", " ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
