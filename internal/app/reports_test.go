package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// statsTopic is a tailer of one partition whose offsets are the indexes of records.
type statsTopic struct {
	records []string // instances
	added   chan string
	fail    int // calls of Tail that fail
	tails   int // successful calls with ToEnd
}

var errUnreachable = errors.New("unreachable")

func (s *statsTopic) Tail(ctx context.Context, cfg consumer.TailConfig, fn func(*models.Record) error) error {
	if s.fail > 0 {
		s.fail--
		return errUnreachable
	}
	first := 0
	if cfg.From.Time.IsZero() {
		first = len(s.records)
	}
	for i := first; i < len(s.records); i++ {
		if err := fn(record(i, s.records[i])); err != nil {
			return err
		}
	}
	if cfg.ToEnd {
		s.tails++
		return nil
	}
	for {
		select {
		case name := <-s.added:
			s.records = append(s.records, name)
			if err := fn(record(len(s.records)-1, name)); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func record(offset int, instance string) *models.Record {
	value, _ := json.Marshal(models.InstanceStats{Instance: instance})
	return &models.Record{Offset: int64(offset), Value: value}
}

// The ledger gets every report since it was saved, the live state only new ones, and each
// report once.
func TestReportsSinceTheLastSave(t *testing.T) {
	for name, c := range map[string]struct {
		from         time.Time
		fail         int
		ledger, live []string
	}{
		"restored ledger":     {from: time.Unix(1, 0), ledger: []string{"old", "older", "new"}, live: []string{"new"}},
		"empty ledger":        {ledger: []string{"new"}, live: []string{"new"}},
		"unreachable brokers": {from: time.Unix(1, 0), fail: 2, ledger: []string{"old", "older", "new"}, live: []string{"new"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				topic := &statsTopic{records: []string{"old", "older"}, added: make(chan string), fail: c.fail}
				var ledger, live []string
				r := &reports{
					client: topic, from: c.from, log: slog.New(slog.DiscardHandler),
					ledger: func(s *models.InstanceStats) { ledger = append(ledger, s.Instance) },
					live:   func(s *models.InstanceStats) { live = append(live, s.Instance) },
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); r.Run(ctx) }()
				topic.added <- "new"
				cancel()
				<-done
				if !slices.Equal(ledger, c.ledger) || !slices.Equal(live, c.live) {
					t.Errorf("ledger got %v, live got %v; want %v and %v", ledger, live, c.ledger, c.live)
				}
			})
		})
	}
}
