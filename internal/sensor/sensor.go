package sensor

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// PacketPublisher publishes packets, for example to the packets topic.
type PacketPublisher interface {
	// Publish blocks while the producer's buffer is full.
	Publish(*models.PacketMeta) error
	// TryPublish drops and counts the packet when the buffer is full.
	TryPublish(*models.PacketMeta) bool
	// Flush returns when everything published was acknowledged.
	Flush(context.Context) error
}

// ConnectionPublisher publishes connections. It does not block.
type ConnectionPublisher interface {
	PublishConnection(*models.Connection)
}

// Sensor captures, decodes, tracks connections and publishes. It belongs to the goroutine
// that calls Run; Traffic and BytesRead may be called from any.
type Sensor struct {
	frames  *Frames
	source  capture.Source
	packets PacketPublisher
	pacer   pacer
	live    bool // the source does not wait: packets that do not fit the producer's buffer are dropped
	grace   time.Duration
	tally   *tally

	wanted  atomic.Bool // Traffic was called since the last snapshot
	traffic atomic.Pointer[models.Traffic]
}

// Config is what a Sensor captures and how fast.
type Config struct {
	Source    capture.Source
	Live      bool // Source is an interface, which cannot be slowed down
	Pace      Pace
	Decode    decode.Config
	Conntrack conntrack.Config

	// FlushTimeout bounds the wait for the brokers after the context has ended.
	FlushTimeout time.Duration
}

// New returns a Sensor; it reads nothing before Run.
func New(cfg Config, packets PacketPublisher, connections ConnectionPublisher, ledger *obs.Ledger) *Sensor {
	s := &Sensor{
		frames: NewFrames(cfg.Source, cfg.Decode, cfg.Conntrack, connectionSink{connections}),
		source: cfg.Source, packets: packets, pacer: pacer{pace: cfg.Pace}, live: cfg.Live,
		grace: cfg.FlushTimeout, tally: newTally(ledger),
	}
	s.pacer.idle = s.settle
	return s
}

// Run captures until the source ends (nil), ctx ends, or the source fails. When it
// returns, every connection has ended, every packet was acknowledged and the source is closed.
func (s *Sensor) Run(ctx context.Context) error {
	return errors.Join(s.frames.Run(ctx, (*sensorSink)(s)), s.finish(ctx))
}

// finish ends every connection and waits for the brokers: without limit while ctx lasts,
// because the end of a file must be published too, else for at most FlushTimeout.
func (s *Sensor) finish(ctx context.Context) error {
	s.frames.Table().Flush()
	s.settle()
	err := s.packets.Flush(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
		defer cancel()
		err = s.packets.Flush(last)
	}
	return errors.Join(err, s.source.Close())
}

// settle moves the counts to the ledger and takes a snapshot of the traffic if wanted.
func (s *Sensor) settle() {
	if s.live {
		s.tally.kernel(s.source.Stats().Dropped)
	}
	s.tally.settle()
	if s.wanted.CompareAndSwap(true, false) {
		var t models.Traffic
		s.frames.Table().Traffic(&t)
		s.traffic.Store(&t)
	}
}

// Traffic returns the most active hosts and protocols as of the previous call; nil at first.
func (s *Sensor) Traffic() *models.Traffic {
	t := s.traffic.Load()
	s.wanted.Store(true)
	return t
}

// BytesRead returns how much of the source's files was read; see BytesRead.
func (s *Sensor) BytesRead() (done, total int64) { return BytesRead(s.source) }

// sensorSink is the Sensor as its frame loop sees it.
type sensorSink Sensor

func (s *sensorSink) Idle(ts models.Timestamp) {
	s.frames.Table().Advance(ts)
	(*Sensor)(s).settle()
}

func (s *sensorSink) Frame(ctx context.Context, f *models.Frame) error {
	if s.tally.captured%settleEvery == settleEvery-1 || s.wanted.Load() {
		(*Sensor)(s).settle()
	}
	if err := s.pacer.wait(ctx, f.TS); err != nil {
		return err
	}
	s.tally.frame(f.WireLen)
	return nil
}

func (s *sensorSink) Skip(r decode.Reason) { s.tally.skip(r) }

func (s *sensorSink) Packet(p *models.Packet) error {
	s.tally.packet()
	if s.live {
		s.packets.TryPublish(&p.Meta) // the producer counts what it drops
		return nil
	}
	return s.packets.Publish(&p.Meta)
}

// connectionSink passes every event of a connection on.
type connectionSink struct{ to ConnectionPublisher }

func (c connectionSink) Connection(conn *models.Connection, _ conntrack.Event) {
	c.to.PublishConnection(conn)
}
