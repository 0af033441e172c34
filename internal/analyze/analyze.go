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
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// Forms in which Analyze tells of connections.
const (
	FormatTable  = "table"  // for a person, on standard output
	FormatNDJSON = "ndjson" // models.Connection, one a line
	FormatCSV    = "csv"    // the same fields
	FormatZeek   = "zeek"   // Zeek's conn.log
)

// Config says what to read and what to write.
type Config struct {
	Files      []string       // captures, one after the other; "-" is standard input
	Source     capture.Source // made elsewhere; wins over Files
	Format     string         // one of the Formats; "" writes no connections
	Dir        string         // where connections and alerts go; "": standard output, and no alerts
	Alerts     string         // file of alerts; "-" is standard output, "" none but those of Dir
	Scores     string         // file of scores; the same
	Sort       bool           // read Files in the order of their first frames
	Partitions int            // that the packets take their way through; at least 1
	Stdout     io.Writer
}

// scoring reports whether anybody wants to know scores or alerts.
func (a *Config) scoring() bool {
	return a.Format == FormatTable || a.Dir != "" || a.Alerts != "" || a.Scores != ""
}

// Analyze reads captures to their end and writes what is in them: the decode,
// conntrack and pipelines of the stream, without the log in between. It returns when
// everything is written. Where a capture is damaged or ctx ends first, what was read is
// written all the same, as if the captures had ended there, and the error says so.
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

// open opens the captures. All are looked into now, so that nobody waits an hour to be
// told that the last one is none.
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
	for _, name := range a.Files[min(1, len(a.Files)):] { // OpenFiles looks into the first
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

// analysis is one run: a reader, which alone sees the frames, and the goroutines that
// it feeds. Batches and lists of connections go round, so that the memory in use does
// not depend on the length of the captures; who is slow holds up the reader.
type analysis struct {
	reader      *reader
	workers     []*scoringWorker // none where nothing is scored
	collector   scoreCollector
	connections connectionWriter
}

func newAnalysis(cfg *config.Config, a Config, src capture.Source) (*analysis, error) {
	run := &analysis{}
	dec, con := settings.Decode(cfg), settings.Conntrack(cfg)
	con.EndsOnly = true
	if !a.scoring() {
		dec.EntropyBytes = 1 // nobody looks at it
	}
	engine := settings.Engine(cfg, int32(a.Partitions))
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

// work reads until the captures or ctx end. damage is why the source could not go on;
// err is what could not be written.
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

// finish writes what is known only at the end.
func (run *analysis) finish(out *outputs, log *slog.Logger) error {
	alerts := report.NewAlerts(report.MaxAlerts)
	for _, w := range run.workers {
		alerts.Merge(w.alerts)
	}
	list := alerts.List()
	if alerts.LeftOut {
		log.Warn("there are more alerts than can be held; those with the lowest scores were left out", "held", len(list))
	}
	var errs []error
	if out.alerts != nil {
		errs = append(errs, report.WriteAlerts(out.alerts, list))
	}
	if s := run.connections.summary; s != nil {
		c := &run.reader.capture
		c.Scoring, c.Scored, c.MoreAlerts = len(run.workers) > 0, run.collector.scored, alerts.LeftOut
		_, err := io.WriteString(out.stdout, s.Table(c, list))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
