package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// Packets runs a labeled capture through the stages of the stream and compares the
// results of the engine with the labels.
func Packets(ctx context.Context, cfg *config.Config, name, labels string, opts settings.Options) (r *measure.Result, err error) {
	l, err := readLabels(labels)
	if err != nil {
		return nil, err
	}
	src, err := pcapfile.Open(name, settings.Capture(cfg, nil, opts.Log))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	run, err := newEvaluation(cfg, src, l.Names, l.At)
	if err != nil {
		return nil, err
	}
	if err := run.read(ctx); err != nil {
		return nil, err
	}
	if l.Last() > run.frames {
		return nil, fmt.Errorf("labels %s: the last label is for packet %d, but %s has %d packets", labels, l.Last(), name, run.frames)
	}
	return run.capture.Result(), nil
}

func readLabels(name string) (l *measure.Labels, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return measure.ReadLabels(f, name)
}

// evaluation processes labeled frames once: capture, decode, conntrack and one
// pipeline, in one goroutine.
type evaluation struct {
	source   capture.Source
	attack   func(frame int) int // place among the names, -1 for benign
	decoder  *decode.Decoder
	table    *conntrack.Table
	pipeline *engine.Pipeline
	capture  *measure.Capture
	frames   int
}

func newEvaluation(cfg *config.Config, src capture.Source, names []string, attack func(frame int) int) (*evaluation, error) {
	e := &evaluation{source: src, attack: attack, decoder: decode.New(settings.Decode(cfg)), table: conntrack.New(settings.Conntrack(cfg), nil),
		capture: measure.NewCapture(cfg.AnomalyThreshold, names)}
	var err error
	e.pipeline, err = engine.NewPipeline(settings.Engine(cfg, 1), 0, e.capture.Alert)
	return e, err
}

// read processes all frames of the source.
func (e *evaluation) read(ctx context.Context) error {
	var f models.Frame
	var p models.Packet
	for ; ; e.frames++ {
		if e.frames%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := e.source.Next(&f); err == io.EOF {
			e.pipeline.Flush()
			return nil
		} else if err != nil {
			return err
		}
		e.frame(&f, &p)
	}
}

// frame scores one frame with the highest score of its packets, or 0 without a score.
func (e *evaluation) frame(f *models.Frame, p *models.Packet) {
	out := measure.Packet{TS: f.TS, Attack: e.attack(e.frames)}
	for more := e.decoder.Decode(f, p) == nil; more; more = e.decoder.More(p) {
		e.table.Track(p)
		score, _ := e.pipeline.Packet(&p.Meta)
		out.Score = max(out.Score, score)
		out.Src, out.Dst = p.Meta.Src, p.Meta.Dst
	}
	e.capture.Add(out)
}
