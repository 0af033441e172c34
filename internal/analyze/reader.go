package analyze

import (
	"context"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/sensor"
)

// reader runs the frame loop and passes packets and connections on. It is the loop's sink.
type reader struct {
	source     capture.Source
	frames     *sensor.Frames
	dispatcher *dispatcher // nil: no scoring
	ended      *connectionWriter
	capture    report.Capture
	opened     models.Timestamp // of the first frame
	skipped    [256]uint64      // by decode.Reason
}

func newReader(src capture.Source, dec decode.Config, con conntrack.Config, partitions int32, run *analysis) *reader {
	r := &reader{source: src, ended: &run.connections, frames: sensor.NewFrames(src, dec, con, &run.connections)}
	run.collector.init(len(run.workers) > 0)
	if len(run.workers) > 0 {
		r.dispatcher = newDispatcher(partitions, run.workers, &run.collector)
	}
	return r
}

// run reads until the source or ctx ends; an error is the source's. Everything that was
// read has been passed on when it returns, and the channels to the other goroutines are closed.
func (r *reader) run(ctx context.Context) error {
	err := r.frames.Run(ctx, r)
	r.frames.Table().Flush()
	r.ended.close()
	if r.dispatcher != nil {
		r.dispatcher.close()
	}
	r.settle()
	return err
}

// Idle implements sensor.Sink. Offline analysis uses only the time of packets.
func (r *reader) Idle(models.Timestamp) {}

// Frame implements sensor.Sink.
func (r *reader) Frame(_ context.Context, f *models.Frame) error {
	c := &r.capture
	if c.Frames == 0 {
		r.opened, c.First, c.Last = f.TS, f.TS, f.TS
	}
	c.First, c.Last = min(c.First, f.TS), max(c.Last, f.TS)
	c.Frames++
	c.Bytes += uint64(f.WireLen)
	if r.dispatcher != nil {
		r.dispatcher.begin(f.TS)
	}
	return nil
}

// Skip implements sensor.Sink.
func (r *reader) Skip(reason decode.Reason) { r.skipped[reason]++ }

// Packet implements sensor.Sink.
func (r *reader) Packet(p *models.Packet) error {
	r.capture.Packets++
	if r.dispatcher != nil {
		r.dispatcher.add(&p.Meta)
	}
	return nil
}

// settle adds the counts of skipped frames, by code, to the report.
func (r *reader) settle() {
	skipped := map[string]uint64{}
	for reason, n := range r.skipped {
		if n > 0 {
			skipped[decode.Reason(reason).Code()] += n
		}
	}
	for reason, n := range r.source.Stats().ByReason {
		skipped[reason] += n
	}
	r.capture.Skipped = skipped
	r.capture.InnerSkipped = map[string]uint64{}
	for reason, n := range r.frames.InnerSkips() {
		r.capture.InnerSkipped[reason.Code()] = n
	}
}
