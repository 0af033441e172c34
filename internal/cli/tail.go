package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
)

// tailCmd prints a topic.
type tailCmd struct {
	Topic          string `arg:"" enum:"packets,alerts,connections,dead-letters,stats,scores" help:"packets, alerts, connections, dead-letters, stats or scores."`
	Format         string `help:"One line for a person, or the record's JSON." enum:"text,json" default:"text"`
	From           string `help:"beginning, end, or a time (RFC 3339, or an age as 10m)." default:"end"`
	Filter         string `help:"Only records whose fields match, as ip=10.0.0.0/8,port=443,score>=0.9." placeholder:"FIELD=VALUE,…"`
	Count          int    `help:"End after this many records." short:"n" placeholder:"N"`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Process `embed:"" group:"Process"`
}

// Run prints until an interrupt, or until --count records have been printed.
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
			e.log.Warn("record passed over", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "err", err)
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

// valuesOf is what a record holds, as JSON.
func valuesOf(r *models.Record) ([][]byte, error) {
	if r.Letter != nil { // it could not be read once, and is shown as it is
		return [][]byte{letterValue(r)}, nil
	}
	return app.Values(r)
}

// print writes one value where the filter lets it through.
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

// parseFrom reads --from.
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
		return consumer.From{}, usagef("--from %s: want beginning, end, a time as 2026-01-29T12:00:00Z, or an age as 10m", s)
	}
	return consumer.From{Time: t}, nil
}

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

// textLine is a record in one line for a person.
func textLine(topic string, r *models.Record, f map[string]any, value []byte) string {
	switch topic {
	case "packets":
		return fmt.Sprintf("%s %s %s > %s %s len=%v entropy=%v", text(f["ts"]), text(f["proto"]),
			endpoint(f, "src"), endpoint(f, "dst"), text(f["tcp_flags"]), f["payload_len"], f["entropy"])
	case "alerts":
		return fmt.Sprintf("%s %-8s %.2f %-12s ×%v %s", text(f["ts"]), text(f["severity"]), f["score"],
			text(f["kind"]), f["count"], text(f["summary"]))
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

// text is a field as text, "-" where it is absent.
func text(v any) string {
	if v == nil || v == "" {
		return "-"
	}
	return fmt.Sprint(v)
}

// endpoint is address and port of one end.
func endpoint(f map[string]any, end string) string {
	ip := text(f[end+"_ip"])
	if strings.Contains(ip, ":") {
		ip = "[" + ip + "]"
	}
	return fmt.Sprintf("%s:%v", ip, f[end+"_port"])
}
