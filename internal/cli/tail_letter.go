package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/models"
)

// letterValue is a dead letter as JSON: what its headers say, and the record as it was.
// A value that is no text is given in base64.
func letterValue(r *models.Record) []byte {
	v := struct {
		TS     models.Timestamp `json:"ts"`
		Letter int64            `json:"letter"` // its own offset
		*models.DeadLetter
		ContentType string `json:"content_type,omitempty"`
		Key         string `json:"key,omitempty"`
		Value       string `json:"value,omitempty"`
		Base64      []byte `json:"value_base64,omitempty"`
	}{TS: models.Timestamp(r.Timestamp), Letter: r.Offset, DeadLetter: r.Letter, ContentType: r.ContentType, Key: string(r.Key)}
	if utf8.Valid(r.Value) {
		v.Value = string(r.Value)
	} else {
		v.Base64 = r.Value
	}
	b, err := json.Marshal(v)
	if err != nil { // it has nothing that could not be JSON
		return nil
	}
	return b
}

// letterLine is a dead letter for a person: why, where from, and how it begins.
func letterLine(r *models.Record) string {
	l := r.Letter
	from := "origin unknown"
	if l.Topic != "" {
		from = fmt.Sprintf("%s/%d offset %d", l.Topic, l.Partition, l.Offset)
	}
	again := ""
	switch {
	case l.Redriven == math.MaxInt32:
		again = ", put back who knows how often"
	case l.Redriven > 0:
		again = fmt.Sprintf(", put back %d times", l.Redriven)
	}
	if l.Truncated > 0 {
		again += fmt.Sprintf(", the beginning of %d", l.Truncated)
	}
	value := r.Value[:min(len(r.Value), 120)]
	shown := strconv.Quote(string(value))
	if len(value) < len(r.Value) {
		shown += "…"
	}
	return fmt.Sprintf("%s %s: %s (%d bytes%s%s) %s", models.Timestamp(r.Timestamp), from, text(l.Reason), len(r.Value), kind(r.ContentType), again, shown)
}

func kind(contentType string) string {
	if contentType == "" {
		return ""
	}
	return ", " + contentType
}
