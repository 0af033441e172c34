package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/report"
)

// analysisReader takes frames from the source through decode and conntrack, in the
// order of the capture, and hands packets and connections on.
type analysisReader struct {
	source  capture.Source
	decoder *decode.Decoder
	table   *conntrack.Table
	dealer  *dealer // nil: nothing is scored
	ended   *connectionWriter
	capture report.Capture
	opened  models.Timestamp // of the first frame
	skipped [256]uint64      // by decode.Reason
}

func newAnalysisReader(src capture.Source, dec decode.Config, con conntrack.Config, partitions int32, run *analysis) *analysisReader {
	r := &analysisReader{source: src, decoder: decode.New(dec), ended: &run.connections}
	r.table = conntrack.New(con, &run.connections)
	run.collector.init(len(run.workers) > 0)
	if len(run.workers) > 0 {
		r.dealer = newDealer(partitions, run.workers, &run.collector)
	}
	return r
}

// checkEvery is how many frames may pass before an interrupt is noticed.
const checkEvery = 1024

// run reads until the source or ctx ends; the error says why the source could not go
// on. Then all that was read is on its way, and whoever is fed knows that it was all.
func (r *analysisReader) run(ctx context.Context) error {
	err := r.read(ctx)
	r.table.Flush()
	r.ended.close()
	if r.dealer != nil {
		r.dealer.close()
	}
	r.settle()
	return err
}

func (r *analysisReader) read(ctx context.Context) error {
	var frame models.Frame
	var packet models.Packet
	for idle := false; ; {
		if (idle || r.capture.Frames%checkEvery == 0) && over(ctx) {
			return nil
		}
		err := r.source.Next(&frame)
		if idle = errors.Is(err, capture.ErrIdle); idle {
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.frame(&frame, &packet)
		}
		if err != nil {
			return err
		}
	}
}

// over reports whether ctx has ended.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// frame takes one frame all the way.
func (r *analysisReader) frame(f *models.Frame, p *models.Packet) error {
	c := &r.capture
	if c.Frames == 0 {
		r.opened, c.First, c.Last = f.TS, f.TS, f.TS
	}
	c.First, c.Last = min(c.First, f.TS), max(c.Last, f.TS)
	c.Frames++
	c.Bytes += uint64(f.WireLen)
	if r.dealer != nil {
		r.dealer.begin(f.TS)
	}
	if err := r.decoder.Decode(f, p); err != nil {
		reason, ok := err.(decode.Reason)
		if !ok {
			return fmt.Errorf("decode: %w", err)
		}
		r.skipped[reason]++
		return nil
	}
	for {
		r.table.Track(p)
		c.Packets++
		if r.dealer != nil {
			r.dealer.deal(&p.Meta)
		}
		if !r.decoder.More(p) { // an aggregate of 802.11 has more packets than one
			return nil
		}
	}
}

// settle says what was passed over, and why.
func (r *analysisReader) settle() {
	over := map[string]uint64{}
	for reason, n := range r.skipped {
		if n > 0 {
			over[decode.Reason(reason).Error()] += n
		}
	}
	for reason, n := range r.source.Stats().ByReason {
		over[reason] += n
	}
	r.capture.PassedOver = over
	r.capture.InnerSkipped = map[string]uint64{}
	for reason, n := range r.decoder.Stats().InnerSkip {
		r.capture.InnerSkipped[reason.Error()] = n
	}
}
