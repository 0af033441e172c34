package hours

import (
	"context"
	"io"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// placed is a frame at its event time.
type placed struct {
	ts    models.Timestamp
	frame *frame
}

// at returns the event time of an offset in the hour, in microseconds like most captures.
func at(offset float64) models.Timestamp {
	return hourBegins + models.Timestamp(offset/1e3+0.5)*1e3
}

// tracked are frames after decode and conntrack.
type tracked struct {
	times   []models.Timestamp  // of frames
	packets []models.PacketMeta // of all frames
	frameOf []int32             // packet to frame
}

// track passes frames in the order of time through the loop of the sensor, with an empty
// connection table.
func track(ctx context.Context, cfg *config.Config, frames []placed) (*tracked, error) {
	con := settings.Conntrack(cfg)
	con.EndsOnly = true
	t := &tracked{
		times:   make([]models.Timestamp, 0, len(frames)),
		packets: make([]models.PacketMeta, 0, len(frames)), frameOf: make([]int32, 0, len(frames)),
	}
	if err := sensor.NewFrames(&playback{frames: frames}, settings.Decode(cfg), con, nil).Run(ctx, t); err != nil {
		return nil, err
	}
	return t, ctx.Err()
}

// Idle implements sensor.Sink.
func (t *tracked) Idle(models.Timestamp) {}

// Frame implements sensor.Sink.
func (t *tracked) Frame(_ context.Context, f *models.Frame) error {
	t.times = append(t.times, f.TS)
	return nil
}

// Skip implements sensor.Sink. A frame without packets has the score 0.
func (t *tracked) Skip(decode.Reason) {}

// Packet implements sensor.Sink.
func (t *tracked) Packet(p *models.Packet) error {
	t.packets = append(t.packets, p.Meta)
	t.frameOf = append(t.frameOf, int32(len(t.times)-1))
	return nil
}

// playback is a source of frames in memory.
type playback struct {
	frames []placed
	next   int
}

// Next implements capture.Source.
func (p *playback) Next(f *models.Frame) error {
	if p.next == len(p.frames) {
		return io.EOF
	}
	from := p.frames[p.next]
	*f = models.Frame{TS: from.ts, Link: models.LinkEthernet, WireLen: from.frame.wire, Data: from.frame.data}
	p.next++
	return nil
}

// Close implements capture.Source.
func (p *playback) Close() error { return nil }

// Stats implements capture.Source.
func (p *playback) Stats() capture.Stats { return capture.Stats{Received: uint64(p.next)} }
