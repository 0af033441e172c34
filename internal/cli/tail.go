package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// tailCmd prints a topic.
type tailCmd struct {
	Topic          string `arg:"" enum:"packets,alerts,connections,dead-letters,stats,scores" help:"Topic: packets, alerts, connections, dead-letters, stats or scores."`
	Format         string `help:"Output format: one line per record, or its JSON." enum:"text,json" default:"text"`
	From           string `help:"Where to start: beginning, end, a time (RFC 3339) or an age, for example 10m." default:"end"`
	Filter         string `help:"Only records whose fields match, for example ip=10.0.0.0/8,port=443,score>=0.9." placeholder:"FIELD=VALUE,…"`
	Count          int    `help:"Stop after this many records." short:"n" placeholder:"N"`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Process `embed:"" group:"Process"`
}

// Run prints until a signal, or until --count records were printed.
func (c *tailCmd) Run(e *env) error {
	filter, err := parseFieldFilter(c.Filter)
	if err != nil {
		return err
	}
	from, err := parseFrom(c.From, time.Now())
	if err != nil {
		return err
	}
	out := bufio.NewWriter(e.stdout)
	left := c.Count
	return app.Tail(e.ctx, e.cfg, c.Topic, from, e.log, func(r *models.Record) (more bool, err error) {
		values, err := valuesOf(r)
		if err != nil {
			e.log.Warn("skipping an unreadable record", vocabulary.EventRecordSkipped.Attr(), "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "err", err)
			return true, nil
		}
		for _, v := range values {
			printed, err := c.print(out, filter, r, v)
			if err != nil {
				return false, err
			}
			if printed && c.Count > 0 {
				if left--; left == 0 {
					return false, out.Flush()
				}
			}
		}
		return true, out.Flush()
	})
}

// valuesOf returns the JSON values in a record.
func valuesOf(r *models.Record) ([][]byte, error) {
	if r.Letter != nil { // unreadable, so it is shown as it is
		return [][]byte{letterValue(r)}, nil
	}
	return app.Values(r)
}

// print writes one value if it passes the filter.
func (c *tailCmd) print(w io.Writer, f fieldFilter, r *models.Record, value []byte) (bool, error) {
	if len(f) == 0 && c.Format == "json" {
		_, err := fmt.Fprintf(w, "%s\n", value)
		return true, err
	}
	var fields map[string]any
	if err := json.Unmarshal(value, &fields); err != nil {
		fields = map[string]any{}
	}
	if !f.match(fields) {
		return false, nil
	}
	if c.Format == "json" {
		_, err := fmt.Fprintf(w, "%s\n", value)
		return true, err
	}
	_, err := fmt.Fprintln(w, textLine(c.Topic, r, fields, value))
	return true, err
}

// parseFrom parses --from.
func parseFrom(s string, now time.Time) (consumer.From, error) {
	switch s {
	case "beginning":
		return consumer.From{Beginning: true}, nil
	case "end":
		return consumer.From{}, nil
	}
	if age, err := time.ParseDuration(s); err == nil && age > 0 {
		return consumer.From{Time: now.Add(-age)}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return consumer.From{}, usagef("--from %s: must be beginning, end, a time, for example 2026-01-29T12:00:00Z, or an age, for example 10m", s)
	}
	return consumer.From{Time: t}, nil
}

// letterValue returns a dead letter as JSON: its headers and the record. A value that is
// not text is in base64.
func letterValue(r *models.Record) []byte {
	v := struct {
		TS     models.Timestamp `json:"ts"`
		Letter int64            `json:"letter"` // offset of the dead letter
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
	if err != nil { // all fields can be encoded
		return nil
	}
	return b
}

// letterLine returns a dead letter in one line: reason, origin and start of the value.
func letterLine(r *models.Record) string {
	l := r.Letter
	from := "origin unknown"
	if l.Topic != "" {
		from = fmt.Sprintf("%s/%d offset %d", l.Topic, l.Partition, l.Offset)
	}
	again := ""
	switch {
	case l.Redriven == math.MaxInt32:
		again = ", redrive count unknown"
	case l.Redriven > 0:
		again = fmt.Sprintf(", redriven %d times", l.Redriven)
	}
	if l.Truncated > 0 {
		again += fmt.Sprintf(", truncated from %d", l.Truncated)
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

// textLine returns a record in one line for people.
func textLine(topic string, r *models.Record, f map[string]any, value []byte) string {
	switch topic {
	case "packets":
		return fmt.Sprintf("%s %s %s > %s %s len=%v entropy=%v", text(f["ts"]), text(f["proto"]),
			endpoint(f, "src"), endpoint(f, "dst"), text(f["tcp_flags"]), f["payload_len"], f["entropy"]) + statements(f)
	case "alerts":
		return fmt.Sprintf("%s %-8s %.2f %-16s ×%v %s%s", text(f["ts"]), text(f["severity"]), f["score"],
			text(f["kind"]), f["count"], text(f["summary"]), inBrackets(value))
	case "connections":
		return fmt.Sprintf("%s %s %s > %s %s %s %s out=%v in=%v %.3fs", text(f["ts"]), text(f["proto"]),
			endpoint(f, "src"), endpoint(f, "dst"), text(f["state"]), text(f["phase"]), text(f["service"]),
			f["orig_bytes"], f["resp_bytes"], f["duration"])
	case "dead-letters":
		return letterLine(r)
	default:
		return string(value)
	}
}

// inBrackets returns the evidence and the recurrence of an alert in brackets, "" without any.
func inBrackets(value []byte) string {
	var a struct {
		Evidence   *models.Evidence
		Recurrence *models.Recurrence
	}
	if json.Unmarshal(value, &a) != nil {
		return "" // of a producer with other types; --format json prints the record
	}
	parts := slices.DeleteFunc([]string{report.Evidence(a.Evidence), report.Recurrence(a.Recurrence)}, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// text returns a field as text, "-" if absent.
func text(v any) string {
	if v == nil || v == "" {
		return "-"
	}
	return fmt.Sprint(v)
}

// statements returns what the message in a packet states: a link-layer address, a name.
func statements(f map[string]any) (s string) {
	if hw, has := f["hw_addr"]; has {
		s = fmt.Sprintf(" hw=%v", hw)
	}
	name, _ := f["name"].(map[string]any)
	if name == nil {
		return s
	}
	s += fmt.Sprintf(" %v=%s", name["kind"], text(cmp.Or(name["text"], name["hash"])))
	if typ, has := name["type"]; has {
		s += fmt.Sprintf(" type=%v", typ)
	}
	return s
}

// endpoint returns the address and port of one end, or its link-layer address if it has no
// other.
func endpoint(f map[string]any, end string) string {
	ip := text(f[end+"_ip"])
	if mac, has := f[end+"_mac"]; has && f[end+"_ip"] == nil {
		return text(mac)
	}
	if strings.Contains(ip, ":") {
		ip = "[" + ip + "]"
	}
	return fmt.Sprintf("%s:%v", ip, f[end+"_port"])
}
