package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/netlyra/netlyra/internal/backtest"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// backtestCmd replays the past.
type backtestCmd struct {
	From           moment   `help:"Event time to start at (RFC 3339), or time before the newest packet, for example -10m (default: the oldest record)." placeholder:"TIME"`
	To             moment   `help:"Event time to end at, in the same form (default: the newest record)." placeholder:"TIME"`
	Set            []string `help:"Setting to try, by its name in .env, for example ANOMALY_THRESHOLD=0.7; can be repeated." placeholder:"KEY=VALUE" sep:"none"`
	Format         string   `help:"Output format." enum:"text,json" default:"text"`
	DataDir        string   `key:"DATA_DIR" default:"data" help:"Directory of the embedded broker's log, used if KAFKA_BROKERS is empty."`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Detect  `embed:"" group:"Detection"`
	config.Process `embed:"" group:"Process"`
}

// moment is a flag with an event time or an age.
type moment struct{ backtest.Moment }

// Decode implements kong.MapperValue. An age may start with a dash, which kong would
// parse as a flag.
func (m *moment) Decode(ctx *kong.DecodeContext) error {
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	if age, err := config.ParseDuration(strings.TrimPrefix(text, "-")); err == nil && age > 0 {
		m.Back = age
		return nil
	}
	t, err := models.ParseTimestamp(text)
	if err != nil {
		return fmt.Errorf("%q is neither a time, for example 2026-01-29T12:00:00Z, nor a time before the newest packet, for example -10m", text)
	}
	m.TS = t
	return nil
}

// Run prints the alerts that differ.
func (c *backtestCmd) Run(e *env) error {
	b := backtest.Config{From: c.From.Moment, To: c.To.Moment, Set: c.Set}
	if len(c.Set) > 0 {
		changed, err := withSettings(e.origins, c.Set)
		if err != nil {
			return err
		}
		b.Changed = changed
	}
	view := newProgressView(e.stderr)
	out, err := backtest.Run(e.ctx, e.cfg, b, settings.Options{Log: e.log, Progress: view})
	view.Close()
	if err != nil {
		return err
	}
	if c.Format == "json" {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(out)
	}
	return printBacktest(e.stdout, out)
}

// withSettings returns the current configuration with some settings changed.
func withSettings(origins *config.Origins, set []string) (*config.Config, error) {
	values := map[string]string{}
	for _, s := range origins.Settings {
		values[s.Name] = s.Value
	}
	for _, pair := range set {
		name, value, found := strings.Cut(pair, "=")
		if _, known := values[name]; !found || !known {
			return nil, usagef("--set %s: must be KEY=VALUE with the name of a setting; 'netlyra config' lists them", pair)
		}
		values[name] = value
	}
	cfg, _, err := config.Load(config.Sources{LookupEnv: func(name string) (string, bool) { v, ok := values[name]; return v, ok }})
	return cfg, err
}

// printBacktest prints the result for people.
func printBacktest(out io.Writer, b *backtest.Result) error {
	w := &lines{w: out}
	with := "the current settings"
	if len(b.Set) > 0 {
		with = strings.Join(b.Set, " ")
	}
	w.printf("%d packets, %s to %s, with %s, compared with %s.\n", b.Packets, b.From, b.To, with, against(b.Against))
	for i, s := range b.Starts {
		where := "Started"
		if len(b.Starts) > 1 {
			where = fmt.Sprintf("Lane %d started", i)
		}
		w.printf("%s at %s.\n", where, s)
		for _, p := range s.Passed {
			w.printf("  skipped: %s\n", p)
		}
	}
	for _, n := range b.Notes {
		w.printf("Note: %s.\n", n)
	}
	w.printf("\n")
	for i := range b.Added {
		w.printf("added    %s\n", alertLine(&b.Added[i]))
	}
	for i := range b.Removed {
		w.printf("removed  %s\n", alertLine(&b.Removed[i]))
	}
	for i := range b.Changed {
		w.printf("changed  %s\n", alertLine(&b.Changed[i].After))
		w.change(&b.Changed[i])
	}
	if len(b.Added)+len(b.Removed)+len(b.Changed) == 0 {
		w.printf("No alert added, removed or changed; %d identical.\n", b.Unchanged)
	} else {
		w.printf("\n%d added, %d removed, %d changed, %d identical.\n", len(b.Added), len(b.Removed), len(b.Changed), b.Unchanged)
		if b.Against == backtest.AgainstPublished {
			w.printf("The engine had other settings or another version at the time, or another program wrote to the alerts topic.\n")
		}
	}
	return w.err
}

func against(what string) string {
	if what == backtest.AgainstPublished {
		return "the published alerts"
	}
	return "the current settings on the same packets"
}

func alertLine(a *models.Alert) string {
	return fmt.Sprintf("%s  %s  %-8s %.2f  %d packets  %s > %s  %s", a.ID, a.TS, a.Severity, a.Score, a.Count, cmp.Or(a.SrcIP, noAddress), cmp.Or(a.DstIP, noAddress), a.Kind)
}

// change prints the fields that differ, with values that fit on a line.
func (w *lines) change(c *backtest.AlertChange) {
	before, after := backtest.AlertFields(&c.Before), backtest.AlertFields(&c.After)
	for _, f := range c.Fields {
		b, a := before[f], after[f]
		if len(b)+len(a) > 120 {
			w.printf("           %s\n", f)
			continue
		}
		w.printf("           %s %s, was %s\n", f, a, b)
	}
}

// lines prints until the first error, which it keeps.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) printf(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format, args...)
	}
}
