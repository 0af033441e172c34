package analyze

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// Formats of connections.
const (
	FormatTable  = "table"  // summary table on standard output
	FormatNDJSON = "ndjson" // models.Connection, one per line
	FormatCSV    = "csv"    // the same fields
	FormatZeek   = "zeek"   // Zeek's conn.log
)

// Config is what to read and what to write.
type Config struct {
	Files      []string       // captures, one after the other; "-" is standard input
	Source     capture.Source // takes precedence over Files
	Format     string         // a Format; "" writes no connections
	Dir        string         // where connections and alerts go; "": standard output, and no alerts
	Alerts     string         // file of alerts; "-" is standard output, "" only in Dir
	Scores     string         // file of scores; "-" is standard output
	Sort       bool           // read Files in the order of their first frames
	Partitions int            // to distribute packets over; at least 1
	Stdout     io.Writer
}

// scoring reports whether an output needs scores or alerts.
func (a *Config) scoring() bool {
	return a.Format == FormatTable || a.Dir != "" || a.Alerts != "" || a.Scores != ""
}

// Run reads captures to their end through decode, connection tracking and the engine,
// without brokers, and returns when all outputs are written. If a capture is damaged or ctx
// ends first, it writes the results so far, as if the captures ended there, and returns the
// error.
func Run(ctx context.Context, cfg *config.Config, a Config, opts settings.Options) (err error) {
	src, err := a.open(cfg, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	run, err := newAnalysis(cfg, a, src)
	if err != nil {
		return err
	}
	out, err := openOutputs(&a, run.reader)
	if err != nil {
		return err
	}
	run.connections.to, run.collector.scores = out.connections, out.scores
	stop := settings.Watch(opts.Progress, func() (p settings.Progress) {
		p.Packets = src.Stats().Received
		p.Done, p.Total = sensor.BytesRead(src)
		return p
	})
	damage, err := run.work(ctx)
	stop()
	if err != nil {
		return errors.Join(err, out.closeFiles())
	}
	run.reader.capture.Interrupted = ctx.Err() != nil
	return errors.Join(damage, run.finish(out, opts.Log), out.close(), ctx.Err())
}

// open opens the captures. It checks all of them first, so that an invalid last file is
// reported at once.
func (a *Config) open(cfg *config.Config, opts settings.Options) (capture.Source, error) {
	if a.Source != nil {
		return a.Source, nil
	}
	o := settings.Capture(cfg, nil, opts.Log)
	if a.Sort {
		sorted, err := pcapfile.SortByTime(a.Files, o)
		if err != nil {
			return nil, err
		}
		a.Files = sorted
	}
	for _, name := range a.Files[min(1, len(a.Files)):] { // OpenFiles checks the first
		if st, err := os.Stat(name); name == "-" || err == nil && !st.Mode().IsRegular() {
			continue // a pipe can be read only once
		}
		src, err := pcapfile.Open(name, o)
		if err != nil {
			return nil, err
		}
		if err := src.Close(); err != nil {
			return nil, fmt.Errorf("close capture %s: %w", name, err)
		}
	}
	return pcapfile.OpenAll(a.Files, o)
}

// analysis is one run: the reader and the goroutines that it feeds. Batches and lists of
// connections are recycled, so memory does not depend on the length of the captures; a slow
// consumer slows the reader down.
type analysis struct {
	reader      *reader
	workers     []*scoringWorker // empty without scoring
	collector   scoreCollector
	connections connectionWriter
}

func newAnalysis(cfg *config.Config, a Config, src capture.Source) (*analysis, error) {
	run := &analysis{}
	dec, con := settings.Decode(cfg), settings.Conntrack(cfg)
	con.EndsOnly = true
	if !a.scoring() {
		dec.EntropyBytes = 1 // unused
	}
	engine, err := settings.Engine(cfg, int32(a.Partitions))
	if err != nil {
		return nil, err
	}
	for lane := range engine.Working() {
		if !a.scoring() {
			break
		}
		w, err := newScoringWorker(engine, lane)
		if err != nil {
			return nil, err
		}
		run.workers = append(run.workers, w)
	}
	run.connections.init(a.Format == FormatTable)
	run.reader = newReader(src, dec, con, int32(a.Partitions), run)
	run.reader.capture.Files = a.Files
	return run, nil
}

// work reads until the captures or ctx end. damage is the error of the source, err that of
// an output.
func (run *analysis) work(ctx context.Context) (damage, err error) {
	inner, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var wg sync.WaitGroup
	for _, w := range run.workers {
		wg.Go(w.run)
	}
	wg.Go(func() { run.collector.run(fail) })
	wg.Go(func() { run.connections.run(fail) })
	damage = run.reader.run(inner)
	wg.Wait()
	if err := context.Cause(inner); err != context.Cause(ctx) {
		return damage, err
	}
	return damage, nil
}

// finish writes alerts and summary.
func (run *analysis) finish(out *outputs, log *slog.Logger) error {
	alerts := report.NewAlerts(report.MaxAlerts)
	for _, w := range run.workers {
		alerts.Merge(w.alerts)
	}
	list := alerts.List()
	if alerts.Truncated {
		log.Warn("too many alerts; those with the lowest scores were omitted", vocabulary.EventAlertsTruncated.Attr(), "kept", len(list))
	}
	var errs []error
	if out.alerts != nil {
		errs = append(errs, report.WriteAlerts(out.alerts, list))
	}
	if s := run.connections.summary; s != nil {
		c := &run.reader.capture
		c.Scoring, c.Scored, c.MoreAlerts = len(run.workers) > 0, run.collector.scored, alerts.Truncated
		_, err := io.WriteString(out.stdout, s.Table(c, list))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
