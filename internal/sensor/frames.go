package sensor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
)

// Sink receives what Frames reads. An error other than the context's ends the loop.
type Sink interface {
	// Idle is called when a live source had no frame for a while; ts is the source's time.
	Idle(ts models.Timestamp)
	// Frame is called for each frame before it is decoded. It may block.
	Frame(ctx context.Context, f *models.Frame) error
	// Skip is called for a frame that has no packet, with the reason.
	Skip(reason decode.Reason)
	// Packet is called for each packet of the last frame, after the connection table
	// has seen it. The packet is valid until Packet returns.
	Packet(p *models.Packet) error
}

// Frames reads frames from a source, decodes them and tracks their connections.
type Frames struct {
	source  capture.Source
	decoder *decode.Decoder
	table   *conntrack.Table

	frame  models.Frame
	packet models.Packet
}

// NewFrames returns a loop over the frames of source. Ended and updated connections go to
// connections; nil discards them.
func NewFrames(source capture.Source, dec decode.Config, con conntrack.Config, connections conntrack.Sink) *Frames {
	return &Frames{source: source, decoder: decode.New(dec), table: conntrack.New(con, connections)}
}

// checkEvery is how many frames may pass before the end of the context is noticed.
const checkEvery = 256

// Run passes frames to the sink until the source ends or ctx does, which both return nil,
// or until the source or the sink fails. Connections stay open; see Table.
func (l *Frames) Run(ctx context.Context, to Sink) error {
	for n, idle := 0, false; ; n++ {
		if idle || n%checkEvery == 0 {
			select {
			case <-ctx.Done():
				return nil
			default:
			}
		}
		err := l.source.Next(&l.frame)
		if idle = errors.Is(err, capture.ErrIdle); idle {
			to.Idle(l.frame.TS)
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.next(ctx, to); err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
}

// next passes one frame and its packets to the sink.
func (l *Frames) next(ctx context.Context, to Sink) error {
	if err := to.Frame(ctx, &l.frame); err != nil {
		return err
	}
	if err := l.decoder.Decode(&l.frame, &l.packet); err != nil {
		reason, ok := err.(decode.Reason)
		if !ok {
			return fmt.Errorf("decode: %w", err)
		}
		to.Skip(reason)
		return nil
	}
	for more := true; more; more = l.decoder.More(&l.packet) { // an aggregated 802.11 frame has several packets
		l.table.Track(&l.packet)
		if err := to.Packet(&l.packet); err != nil {
			return err
		}
	}
	return nil
}

// Table returns the connection table, for flushing it and reading its traffic.
func (l *Frames) Table() *conntrack.Table { return l.table }

// InnerSkips returns how many packets inside tunnels were not decoded, by reason.
func (l *Frames) InnerSkips() map[decode.Reason]uint64 { return l.decoder.Stats().InnerSkip }
