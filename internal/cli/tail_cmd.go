package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/bus"
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
func parseFrom(s string, now time.Time) (bus.From, error) {
	switch s {
	case "beginning":
		return bus.From{Beginning: true}, nil
	case "end":
		return bus.From{}, nil
	}
	if age, err := time.ParseDuration(s); err == nil && age > 0 {
		return bus.From{Time: now.Add(-age)}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return bus.From{}, usagef("--from %s: want beginning, end, a time as 2026-01-29T12:00:00Z, or an age as 10m", s)
	}
	return bus.From{Time: t}, nil
}
