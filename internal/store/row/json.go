package row

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// The JSON columns of an alert are encoded by hand, because encoding/json would take a
// fifth of the time of writing a row. They are read with encoding/json.

func featuresJSON(f map[string]float64) string {
	var names [64]string
	keys := names[:0]
	for k := range f {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b := append(make([]byte, 0, 24*len(f)+2), '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, k), ':')
		b = appendFloat(b, f[k])
	}
	return string(append(b, '}'))
}

func reasonsJSON(rs []models.Reason) string {
	b := append(make([]byte, 0, 96*len(rs)+2), '[')
	for i := range rs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"feature":`...), rs[i].Feature)
		b = appendFloat(append(b, `,"value":`...), rs[i].Value)
		b = appendFloat(append(b, `,"typical":[`...), rs[i].Typical[0])
		b = appendFloat(append(b, ','), rs[i].Typical[1])
		b = appendFloat(append(b, `],"share":`...), rs[i].Share)
		b = append(appendText(b, rs[i].Text), '}')
	}
	return string(append(b, ']'))
}

func counterfactualJSON(c *models.Counterfactual) string {
	if c == nil {
		return "null"
	}
	b := append(make([]byte, 0, 96*len(c.Changes)+32), `{"changes":[`...)
	for i := range c.Changes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"feature":`...), c.Changes[i].Feature)
		b = appendFloat(append(b, `,"value":`...), c.Changes[i].Value)
		b = appendFloat(append(b, `,"limit":`...), c.Changes[i].Limit)
		b = append(b, '}')
	}
	b = appendFloat(append(b, `],"score":`...), c.Score)
	return string(append(appendText(b, c.Text), '}'))
}

func evidenceJSON(e *models.Evidence) string {
	if e == nil {
		return "null"
	}
	b := appendString(append(make([]byte, 0, 64*len(e.Series)+128), `{"feature":`...), e.Feature)
	b = appendFloat(append(b, `,"value":`...), e.Value)
	b = appendFloat(append(b, `,"limit":`...), e.Limit)
	b = appendFloat(append(b, `,"level":`...), e.Level)
	b = append(b, `,"series":[`...)
	for i, p := range e.Series {
		if i > 0 {
			b = append(b, ',')
		}
		b = wire.AppendTimestamp(append(b, `{"ts":`...), p.TS)
		b = append(appendFloat(append(b, `,"value":`...), p.Value), '}')
	}
	return string(append(b, `]}`...))
}

func recurrenceJSON(r *models.Recurrence) string {
	if r == nil {
		return "null"
	}
	b := strconv.AppendUint(append(make([]byte, 0, 160), `{"count":`...), r.Count, 10)
	b = wire.AppendTimestamp(append(b, `,"first":`...), r.First)
	b = appendFloat(append(b, `,"every_seconds":`...), r.Every)
	b = strconv.AppendBool(append(b, `,"regular":`...), r.Regular)
	b = strconv.AppendBool(append(b, `,"baseline":`...), r.Baseline)
	return string(append(b, '}'))
}

// appendText appends the member "text" unless it is empty.
func appendText(b []byte, text string) []byte {
	if text == "" {
		return b
	}
	return appendString(append(b, `,"text":`...), text)
}

func modelJSON(m models.ModelRef) string {
	b := appendString(append(make([]byte, 0, 64), `{"version":`...), m.Version)
	b = strconv.AppendInt(append(b, `,"lane":`...), int64(m.Lane), 10)
	b = strconv.AppendInt(append(b, `,"partition":`...), int64(m.Partition), 10)
	b = strconv.AppendInt(append(b, `,"offset":`...), m.Offset, 10)
	return string(append(b, '}'))
}

// appendFloat appends v. NaN and infinities, which JSON cannot express, become 0, so that
// the row stays readable.
func appendFloat(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			q, _ := json.Marshal(s) // encoding a string cannot fail
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
