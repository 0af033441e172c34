package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// packetPublisher is where a sensor's packets go: the producer of the packets topic.
type packetPublisher interface {
	Publish(*models.PacketMeta) error
	TryPublish(*models.PacketMeta) bool
	Flush(context.Context) error
}

// connectionPublisher is where a sensor's connections go.
type connectionPublisher interface {
	PublishConnection(*models.Connection)
}

// Sensor is the capturing half of NetLyra: source → decode → conntrack → bus. It
// belongs to the goroutine that calls Run; Traffic may be called from any.
type Sensor struct {
	source  capture.Source
	decoder *decode.Decoder
	table   *conntrack.Table
	packets packetPublisher
	pacer   pacer
	live    bool // the source does not wait: what the producer can't take is dropped and counted
	tally   *tally

	want    atomic.Bool // somebody waits for a Traffic
	traffic atomic.Pointer[models.Traffic]
}

// SensorConfig says what to capture and how fast.
type SensorConfig struct {
	Source    capture.Source
	Live      bool
	Pace      Pace
	Decode    decode.Config
	Conntrack conntrack.Config
}

// NewSensor makes a sensor; it reads nothing before Run.
func NewSensor(cfg SensorConfig, packets packetPublisher, connections connectionPublisher, ledger *obs.Ledger) *Sensor {
	sink := connectionSink{to: connections}
	s := &Sensor{
		source: cfg.Source, decoder: decode.New(cfg.Decode), table: conntrack.New(cfg.Conntrack, sink),
		packets: packets, pacer: pacer{pace: cfg.Pace}, live: cfg.Live, tally: newTally(ledger),
	}
	s.pacer.idle = s.settle
	return s
}

// Run takes frames until the source ends (nil), ctx ends, or the source fails. Before
// it returns, every connection has ended and every packet is with the broker.
func (s *Sensor) Run(ctx context.Context) error {
	var frame models.Frame
	var packet models.Packet
	for {
		err := s.source.Next(&frame)
		switch {
		case errors.Is(err, capture.ErrIdle):
			s.table.Advance(frame.TS)
			s.settle()
			if ctx.Err() != nil {
				return s.finish(ctx)
			}
			continue
		case errors.Is(err, io.EOF):
			return s.finish(ctx)
		case err != nil:
			return errors.Join(fmt.Errorf("capture: %w", err), s.finish(ctx))
		}
		if s.tally.captured%settleEvery == settleEvery-1 || s.want.Load() {
			s.settle()
			if ctx.Err() != nil {
				return s.finish(ctx)
			}
		}
		if err := s.pacer.wait(ctx, frame.TS); err != nil {
			return s.finish(ctx)
		}
		if err := s.frame(&frame, &packet); err != nil {
			return errors.Join(err, s.finish(ctx))
		}
	}
}

// frame takes one frame all the way to the producer.
func (s *Sensor) frame(f *models.Frame, p *models.Packet) error {
	t := s.tally
	t.captured++
	t.bytes += uint64(f.WireLen)
	if err := s.decoder.Decode(f, p); err != nil {
		reason, ok := err.(decode.Reason)
		if !ok {
			return fmt.Errorf("decode: %w", err)
		}
		t.skip(reason)
		return nil
	}
	t.decoded++
	for {
		if err := s.packet(p); err != nil {
			return err
		}
		if !s.decoder.More(p) { // an aggregate of 802.11 has more packets than one
			return nil
		}
		t.more++
	}
}

// packet takes one decoded packet to the producer.
func (s *Sensor) packet(p *models.Packet) error {
	s.table.Track(p)
	s.tally.tracked++
	if s.live {
		s.packets.TryPublish(&p.Meta) // the producer counts what it has no room for
		return nil
	}
	return s.packets.Publish(&p.Meta)
}

// finish ends every connection and waits until the broker has all.
func (s *Sensor) finish(ctx context.Context) error {
	s.table.Flush()
	s.settle()
	// What was captured still goes out: for as long as a broker needs to come back, and
	// after the end of the context within the stage's grace.
	err := s.packets.Flush(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), defaultGrace)
		defer cancel()
		err = s.packets.Flush(last)
	}
	return errors.Join(err, s.source.Close())
}

// settle brings the ledger up to date and leaves a Traffic for who asked.
func (s *Sensor) settle() {
	if s.live {
		s.tally.kernel(s.source.Stats().Dropped)
	}
	s.tally.settle()
	if s.want.CompareAndSwap(true, false) {
		var t models.Traffic
		s.table.Traffic(&t)
		s.traffic.Store(&t)
	}
}

// Traffic is who talked most lately, as of the last time that somebody asked, at most
// one call before; nil at first.
func (s *Sensor) Traffic() *models.Traffic {
	t := s.traffic.Load()
	s.want.Store(true)
	return t
}

// connectionSink passes every event of a connection on.
type connectionSink struct{ to connectionPublisher }

func (c connectionSink) Connection(conn *models.Connection, _ conntrack.Event) {
	c.to.PublishConnection(conn)
}
