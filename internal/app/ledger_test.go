package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo/demotest"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/config/configtest"
	"github.com/netlyra/netlyra/internal/ledger"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/store"
)

// station returns a configuration with a temporary log and database.
func station(t *testing.T) *config.Config {
	t.Helper()
	cfg, dir := configtest.Defaults(t), t.TempDir()
	cfg.DataDir, cfg.DBPath = filepath.Join(dir, "log"), filepath.Join(dir, "netlyra.db")
	cfg.APIHost, cfg.APIPort, cfg.WSPort = "127.0.0.1", 0, 0
	return cfg
}

// running is an up process.
type running struct {
	t    *testing.T
	page string
	stop context.CancelFunc
	done chan error
}

// runUp starts an up process and waits until it serves.
func runUp(t *testing.T, cfg *config.Config, in sensor.Input, exitWhenDone bool) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{t: t, stop: cancel, done: make(chan error, 1)}
	ready := make(chan string, 1)
	go func() {
		_, err := Up(ctx, cfg, in, Options{
			Options: settings.Options{Log: slog.New(slog.DiscardHandler)}, ExitWhenDone: exitWhenDone,
			OnReady: func(a Addresses) { ready <- a.Page },
		})
		r.done <- err
	}()
	select {
	case r.page = <-ready:
	case err := <-r.done:
		t.Fatal(err)
	}
	return r
}

// end stops the process and waits for its end.
func (r *running) end() {
	r.t.Helper()
	r.stop()
	if err := <-r.done; err != nil && !errors.Is(err, context.Canceled) {
		r.t.Fatal(err)
	}
}

// get returns the response to a request, nil if there was no response.
func (r *running) get(path string) []byte {
	resp, err := http.Get(r.page + path)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return b
}

// ledger requests the ledger; ok is false without a response.
func (r *running) ledger() (l models.Ledger, ok bool) {
	ok = json.Unmarshal(r.get("api/v1/ledger"), &l) == nil
	return l, ok
}

// adds reports each equation that does not balance, and at rest whatever is in flight.
func adds(t *testing.T, l models.Ledger) {
	t.Helper()
	for _, c := range l.Checks {
		if !c.Holds || l.AtRest && c.InFlight > 0 {
			t.Errorf("at rest %v: %+v", l.AtRest, c)
		}
	}
	for _, p := range l.Lanes {
		if !p.Holds {
			t.Errorf("%+v", p)
		}
	}
	if len(l.Notes) > 1 || len(l.Notes) == 1 && l.AtRest {
		t.Errorf("notes %q", l.Notes)
	}
}

// lasting is how long the ledger of a running pipeline may be out of balance: on a busy
// machine one side of an equation may be reported before the other.
const lasting = 3 * time.Second

// watched checks a ledger repeatedly.
type watched struct{ wrong time.Time } // since when it does not add up

func (w *watched) adds(t *testing.T, l models.Ledger) {
	t.Helper()
	switch {
	case l.AddsUp && !l.AtRest:
		w.wrong = time.Time{}
	case w.wrong.IsZero() && !l.AtRest:
		w.wrong = time.Now()
	case l.AtRest || time.Since(w.wrong) > lasting:
		adds(t, l)
	}
}

// untilRest polls until nothing is in flight; the ledger must balance all the time, except
// for moments.
func (r *running) untilRest() models.Ledger {
	r.t.Helper()
	var w watched
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(60 * time.Second); ; {
		l, ok := r.ledger()
		if ok {
			w.adds(r.t, l)
		}
		if ok && l.AtRest || r.t.Failed() {
			return l
		}
		select {
		case <-tick.C:
		case err := <-r.done:
			r.t.Fatalf("stopped: %v", err)
		case <-limit:
			r.t.Fatalf("not at rest: %+v", l)
		}
	}
}

// kept returns the ledger as it was last saved.
func kept(t *testing.T, cfg *config.Config) models.Ledger {
	t.Helper()
	s, err := store.Open(t.Context(), settings.Store(cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	state, err := s.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	book := ledger.NewBook(cfg.KafkaTopicAlerts, cfg.KafkaTopicConnections)
	if _, err := book.Restore(state); err != nil {
		t.Fatal(err)
	}
	return book.Ledger()
}

// figure returns a term of an equation.
func figure(l models.Ledger, check, name string) uint64 {
	for _, c := range l.Checks {
		for _, terms := range [][]models.LedgerTerm{c.In, c.Out} {
			for _, t := range terms {
				if c.Name == check && t.Name == name {
					return t.N
				}
			}
		}
	}
	return 0
}

// The ledger of one process balances while a capture runs through it, and has nothing in
// flight at the end.
func TestLedgerOfUpBalancesExactlyAtTheEnd(t *testing.T) {
	for _, c := range []struct {
		name, encoding string
		partitions     int
	}{{"json", "json", 1}, {"packed over three partitions", "packed", 3}} {
		t.Run(c.name, func(t *testing.T) {
			cfg := station(t)
			cfg.PacketsEncoding, cfg.PacketsPartitions = c.encoding, c.partitions
			r := runUp(t, cfg, sensor.Input{Source: demotest.Office(t, 20*time.Second)}, true)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			var w watched
			for asked := 0; ; {
				select {
				case err := <-r.done:
					if err != nil {
						t.Fatal(err)
					}
					l := kept(t, cfg)
					adds(t, l)
					for _, e := range l.Checks {
						if e.InFlight != 0 {
							t.Errorf("after the end: %+v", e)
						}
					}
					if n := figure(l, "decode", vocabulary.TermIn); n == 0 || figure(l, "log", vocabulary.TermAccepted) != n || figure(l, "alerts", vocabulary.TermRecorded) == 0 || asked == 0 {
						t.Errorf("%d frames, asked %d times: %+v", n, asked, l.Checks)
					}
					return
				case <-tick.C:
					if l, ok := r.ledger(); ok {
						w.adds(t, l)
						asked++
					}
				}
			}
		})
	}
}

// A process that continues after another was stopped has the same ledger.
func TestLedgerContinuesAfterARestart(t *testing.T) {
	cfg := station(t)
	cfg.PacketsPartitions = 2
	first := runUp(t, cfg, sensor.Input{Source: demotest.Office(t, time.Minute), Pace: sensor.Pace{Rate: 2000}}, false)
	for {
		if l, ok := first.ledger(); ok && figure(l, "log", vocabulary.TermAccepted) > 1000 {
			break
		}
	}
	first.end()
	before := kept(t, cfg)
	adds(t, before)
	second := runUp(t, cfg, sensor.Input{Source: demotest.Office(t, 10*time.Second)}, false)
	l := second.untilRest()
	second.end()
	more := kept(t, cfg)
	if n := figure(l, "log", vocabulary.TermAcknowledged); n <= figure(before, "log", vocabulary.TermAcknowledged) || n != figure(l, "log", vocabulary.TermAccepted) {
		t.Errorf("%d packets published: %+v", n, l.Checks)
	}
	if l.Since != before.Since || len(more.Processes) != 2 || more.Processes[0].State != vocabulary.ProcessEnded || more.Processes[1].State != vocabulary.ProcessEnded {
		t.Errorf("since %v, was %v; %+v", l.Since, before.Since, more.Processes)
	}
	adds(t, more)
}
