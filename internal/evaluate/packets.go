package evaluate

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/sensor"
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

// evaluation processes labeled frames once, in one goroutine. It is the sink of the frame loop.
type evaluation struct {
	frameLoop *sensor.Frames
	attack    func(frame int) int // index among the names, -1 for benign
	pipeline  *engine.Pipeline
	capture   *measure.Capture
	frames    int
	current   measure.Packet // the last frame, with the highest score of its packets
}

func newEvaluation(cfg *config.Config, src capture.Source, names []string, attack func(frame int) int) (*evaluation, error) {
	e := &evaluation{frameLoop: sensor.NewFrames(src, settings.Decode(cfg), settings.Conntrack(cfg), nil), attack: attack,
		capture: measure.NewCapture(cfg.AnomalyThreshold, names)}
	c, err := settings.Engine(cfg, 1)
	if err != nil {
		return nil, err
	}
	e.pipeline, err = engine.NewPipeline(c, 0, e.capture.Alert)
	return e, err
}

// read processes all frames of the source.
func (e *evaluation) read(ctx context.Context) error {
	if err := errors.Join(e.frameLoop.Run(ctx, e), ctx.Err()); err != nil {
		return err
	}
	e.addCurrent()
	e.pipeline.Flush()
	return nil
}

// addCurrent adds the last frame, whose packets have all been scored.
func (e *evaluation) addCurrent() {
	if e.frames > 0 {
		e.capture.Add(e.current)
	}
}

// Idle implements sensor.Sink.
func (e *evaluation) Idle(models.Timestamp) {}

// Frame implements sensor.Sink.
func (e *evaluation) Frame(_ context.Context, f *models.Frame) error {
	e.addCurrent()
	e.current = measure.Packet{TS: f.TS, Attack: e.attack(e.frames)}
	e.frames++
	return nil
}

// Skip implements sensor.Sink. A frame without packets has the score 0.
func (e *evaluation) Skip(decode.Reason) {}

// Packet implements sensor.Sink.
func (e *evaluation) Packet(p *models.Packet) error {
	score, _ := e.pipeline.Packet(&p.Meta)
	e.current.Score = max(e.current.Score, score)
	e.current.Src, e.current.Dst = p.Meta.Src, p.Meta.Dst
	return nil
}
