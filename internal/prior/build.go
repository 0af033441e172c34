package prior

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// Config is what to read and what to write.
type Config struct {
	Paths    []string // captures, and folders whose captures are read
	Output   string   // file to write
	Separate bool     // each capture is of another network; else all are of one, in the order of time
	Strict   bool     // write what was measured, also where it is less than the built-in value
}

// Result is what a build has measured and written.
type Result struct {
	Output string
	File   *reference.File
	Rows   []Row // by behavior
}

// Row is the measurement of one behavior.
type Row struct {
	Behavior string
	Minutes  uint64    // subjects and minutes
	Measured []float64 // at level 1 to 4; nil: too few
	Builtin  []float64
	Result   []float64 // in the file; nil: not in the file, so that the built-in values apply
}

// Build reads the captures and writes the file. It writes nothing if a capture cannot be read
// or ctx ends. The error names the file at fault.
func Build(ctx context.Context, cfg *config.Config, c Config, opts settings.Options) (*Result, error) {
	files, err := pcapfile.Find(c.Paths)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no captures (.pcap, .pcapng, .cap, also compressed) in %s", strings.Join(c.Paths, ", "))
	}
	if err := checkOutput(c.Output, files); err != nil {
		return nil, err
	}
	b, err := newBuilder(cfg, files, c.Separate, opts)
	if err != nil {
		return nil, err
	}
	stop := settings.Watch(opts.Progress, func() settings.Progress { return settings.Progress{Packets: b.frames.Load()} })
	err = b.read(ctx)
	stop()
	if err == nil {
		err = ctx.Err() // the frame loop ends without an error
	}
	if err != nil {
		return nil, err
	}
	r := b.result(c.Strict)
	r.Output = c.Output
	text, err := r.File.Encode()
	if err != nil {
		return nil, err
	}
	return r, write(c.Output, text)
}

// builder measures captures. It is the sink of the frame loop.
type builder struct {
	cfg      *config.Config
	engine   engine.Config
	opts     settings.Options
	runs     [][]string // files of each network
	series   *series
	pipeline *engine.Pipeline
	seen     [features.Behaviors]distribution
	sources  []reference.Source
	times    [2]models.Timestamp // of the current file: first and last
	offset   int                 // number of the first file of the current network
	newest   models.Timestamp
	frames   atomic.Uint64
}

func newBuilder(cfg *config.Config, files []string, separate bool, opts settings.Options) (*builder, error) {
	b := &builder{opts: opts}
	own := *cfg
	own.PriorFile = "" // the file depends on the captures only
	b.cfg = &own
	var err error
	if b.engine, err = settings.Engine(b.cfg, 1); err != nil {
		return nil, err
	}
	if len(files) > 1 && !separate {
		if files, err = pcapfile.SortByTime(files, settings.Capture(b.cfg, nil, opts.Log)); err != nil {
			return nil, err
		}
	}
	for _, name := range files {
		b.sources = append(b.sources, reference.Source{File: filepath.Base(name)})
		if separate {
			b.runs = append(b.runs, []string{name})
		}
	}
	if !separate {
		b.runs = [][]string{files}
	}
	return b, nil
}

// read processes the captures of all networks, each with an empty model.
func (b *builder) read(ctx context.Context) error {
	con := settings.Conntrack(b.cfg)
	con.EndsOnly = true
	for _, files := range b.runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := engine.NewPipeline(b.engine, 0, func(*models.Alert) {})
		if err != nil {
			return err
		}
		p.ObservePeaks(func(of features.Behavior, before, after features.Peak) { b.seen[of].change(before, after) })
		b.pipeline, b.series = p, &series{files: files, opts: settings.Capture(b.cfg, nil, b.opts.Log)}
		err = sensor.NewFrames(b.series, settings.Decode(b.cfg), con, nil).Run(ctx, b)
		if err = errors.Join(err, b.series.Close()); err != nil {
			return err
		}
		b.offset += len(files)
	}
	return nil
}

// Idle implements sensor.Sink.
func (b *builder) Idle(models.Timestamp) {}

// Frame implements sensor.Sink.
func (b *builder) Frame(_ context.Context, f *models.Frame) error {
	s := &b.sources[b.offset+b.series.at()]
	if s.Packets == 0 && s.Seconds == 0 {
		b.times = [2]models.Timestamp{f.TS, f.TS}
	}
	b.times[0], b.times[1] = min(b.times[0], f.TS), max(b.times[1], f.TS)
	s.Seconds = math.Round(float64(b.times[1]-b.times[0])/1e6) / 1e3
	b.newest = max(b.newest, f.TS)
	b.frames.Add(1)
	return nil
}

// Skip implements sensor.Sink.
func (b *builder) Skip(decode.Reason) {}

// Packet implements sensor.Sink.
func (b *builder) Packet(p *models.Packet) error {
	b.sources[b.offset+b.series.at()].Packets++
	b.pipeline.Packet(&p.Meta)
	return nil
}

// result estimates the values.
func (b *builder) result(isStrict bool) *Result {
	r := &Result{File: &reference.File{Version: reference.FileVersion, Created: b.newest, Sources: b.sources,
		SubjectMinutes: map[string]uint64{}, Values: map[string][]float64{}}}
	builtin := reference.Builtin()
	for of := range features.Behaviors {
		values := builtin.Values[of] // a copy
		row := Row{Behavior: features.RowOf(of).Name, Minutes: b.seen[of].total, Builtin: builtin.Values[of][:]}
		known := levelsOf(values)
		m, ok := b.seen[of].measured(known)
		if ok {
			rounded := m.values([reference.Levels]float64{})
			row.Measured = rounded[:]
		}
		switch {
		case ok && isStrict:
			m = strict(known, m)
			values = m.values(values)
		case ok:
			m = larger(known, m)
			values = m.values(values)
		}
		if ok || !isStrict {
			row.Result = values[:]
			r.File.Values[row.Behavior] = row.Result
		}
		if row.Minutes > 0 {
			r.File.SubjectMinutes[row.Behavior] = row.Minutes
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}
