package packets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/writer"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/wire"
)

// Producer publishes packets to the packets topic. One goroutine at a time may publish;
// Buffered and Close may be called from any.
type Producer struct {
	c         *client.Client
	cfg       client.Config
	topicName string
	w         *writer.Writer
	parts     int32 // partitions in use
	arena     arena
	slab      []kgo.Record // the next records, allocated a few dozen at a time
	heads     []kgo.RecordHeader
	key       []byte
	gate      *pressure
	recorder  recorderPressure
	stage     *obs.Stage
	pending   atomic.Int64 // bytes not yet acknowledged
	limit     int64
	lost      writer.Failures
	packs     []pack     // with client.EncodingPacked: one for each partition
	sending   sync.Mutex // protects the fields below and parts
	order     order
	topic     [16]byte  // id of the topic that order applies to
	room      int       // maximum size of a packed record in bytes
	asked     time.Time // when adapt last refreshed the client's metadata
	ctx       context.Context
	stop      context.CancelFunc
	work      sync.WaitGroup
	acked     prometheus.Counter
}

// NewProducer returns a producer that lives until Close or the end of ctx. A producer with
// a name must publish the same packets in each run: the engine discards those that an
// earlier run has published. "" is a new producer with a random id.
func NewProducer(ctx context.Context, c *client.Client, name string) (*Producer, error) {
	cfg := c.Config()
	parts, err := c.Partitions(ctx, cfg.Topics.Packets)
	if err != nil {
		return nil, err
	}
	compression, _ := client.Codec(cfg.Compression) // checked by Validate
	linger := cfg.Linger
	if cfg.Encoding == client.EncodingPacked {
		compression = kgo.NoCompression() // packed records are columns of deltas, which compress little
		linger /= 2                       // a packed record has waited for the other half
	}
	// The buffer limits of the Kafka client are above limit, so that it never blocks TryPublish.
	p := &Producer{c: c, cfg: cfg, topicName: cfg.Topics.Packets, parts: parts, stage: c.Deps().Publish, limit: int64(cfg.MaxBufferedBytes)}
	p.acked = c.Metrics().Published.WithLabelValues(cfg.Topics.Packets)
	p.ctx, p.stop = context.WithCancel(ctx)
	if p.w, err = c.NewWriter("packets", linger, compression, writer.Config{Settled: p.onSettled, Split: p.split, Reopened: p.reopened},
		kgo.MaxBufferedBytes(2*cfg.MaxBufferedBytes+4<<20), kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		p.stop()
		return nil, err
	}
	p.order, p.topic = newOrder(name, parts), c.Watcher().Topic(cfg.Topics.Packets).ID
	p.room = p.w.Batch(cfg.Topics.Packets) / 2
	p.gate = newPressure(p)
	p.recorder.c = c
	if err := c.Retry(p.ctx, func() error { return p.gate.poll(p.ctx) }); err != nil {
		p.Close()
		return nil, err
	}
	p.work.Go(p.gate.run)
	if cfg.Encoding == client.EncodingPacked {
		p.packs = make([]pack, parts)
		p.work.Go(p.flushPacks)
	}
	p.work.Go(p.tickLoop)
	return p, nil
}

// Publish sends a packet; m may be changed afterwards. It waits while the buffer is full
// or a consumer is too far behind, until the ctx of NewProducer ends. Any other error
// means that brokers refused earlier packets, which are counted; this one is sent.
func (p *Producer) Publish(m *models.PacketMeta) error {
	p.stage.In(1, uint64(m.WireLen))
	if p.mustWait() {
		if err := p.wait(); err != nil {
			p.stage.Drop(vocabulary.DropPublishBufferFull, 1)
			return err
		}
	}
	p.put(m)
	return p.lost.Take()
}

// TryPublish sends a packet, or drops and counts it and returns false where Publish would
// wait for the brokers or the engine. It is for live capture.
func (p *Producer) TryPublish(m *models.PacketMeta) bool {
	p.stage.In(1, uint64(m.WireLen))
	if p.pending.Load() >= p.limit {
		p.drop(vocabulary.DropPublishBufferFull)
		return false
	}
	if !p.gate.open() {
		p.drop(vocabulary.DropPublishEngineLag)
		return false
	}
	p.put(m)
	return true
}

func (p *Producer) drop(reason string) {
	p.stage.Drop(reason, 1)
	p.c.Metrics().Failed.WithLabelValues(p.topicName, reason).Inc()
}

func (p *Producer) put(m *models.PacketMeta) {
	if p.packs != nil {
		p.pack(m)
		return
	}
	p.sending.Lock()
	defer p.sending.Unlock()
	b := wire.AppendKey(p.arena.grab(arenaRoom), m)
	key := len(b)
	r := p.record()
	r.Partition = wire.PartitionOf(b, p.parts)
	b = wire.AppendSequence(b, p.order.take(r.Partition, 1))
	head := len(b)
	b = p.arena.keep(wire.AppendPacket(b, m))
	r.Key, r.Value = b[:key:key], b[head:]
	r.Headers = p.headers(b[key:head:head], nil)
	p.produce(r)
	p.tickIfDue()
}

// headers returns a record's headers: its sequence, and its content type unless that is
// JSON. They are allocated in slabs.
func (p *Producer) headers(sequence, contentType []byte) []kgo.RecordHeader {
	if len(p.heads) < 2 {
		p.heads = make([]kgo.RecordHeader, 64)
	}
	n := 1
	p.heads[0] = kgo.RecordHeader{Key: models.HeaderSequence, Value: sequence}
	if contentType != nil {
		p.heads[1] = kgo.RecordHeader{Key: models.HeaderContentType, Value: contentType}
		n = 2
	}
	h := p.heads[:n:n]
	p.heads = p.heads[n:]
	return h
}

// record returns a new record. Records are allocated in slabs and never reused: franz-go
// may access a record after its promise.
func (p *Producer) record() *kgo.Record {
	if len(p.slab) == 0 {
		p.slab = make([]kgo.Record, 32)
	}
	r := &p.slab[0]
	p.slab = p.slab[1:]
	r.Topic = p.topicName
	return r
}

func (p *Producer) produce(r *kgo.Record) {
	n := int64(len(r.Key) + len(r.Value))
	p.pending.Add(n)
	p.gate.spend(n)
	p.w.Produce(p.ctx, r)
}

// packetsIn returns the number of packets in a record, 0 for a tick.
func (p *Producer) packetsIn(r *kgo.Record) uint64 {
	if len(r.Value) == 0 {
		return 0
	}
	if p.packs == nil {
		return 1
	}
	n, _ := r.Context.Value(packedCount{}).(uint64)
	return n
}

func (p *Producer) onSettled(r *kgo.Record, err error) {
	n := p.packetsIn(r)
	p.pending.Add(-int64(len(r.Key) + len(r.Value)))
	if err == nil {
		p.stage.Out(n)
		if n > 0 {
			p.acked.Inc()
		}
		p.gate.acknowledged(1, len(r.Key)+len(r.Value))
		return
	}
	p.stage.Drop(vocabulary.DropPublishRefused, n)
	p.c.Metrics().Failed.WithLabelValues(r.Topic, vocabulary.DropPublishRefused).Add(float64(n))
	if !errors.Is(err, context.Canceled) && !errors.Is(err, kgo.ErrClientClosed) {
		p.lost.Add(fmt.Errorf("topic %s: %w", r.Topic, err))
	}
}

// Buffered returns how many bytes are not yet acknowledged.
func (p *Producer) Buffered() int64 { return p.pending.Load() }

// Flush waits until all packets are acknowledged or ctx ends. It returns an error if a
// broker refused any since the last error.
func (p *Producer) Flush(ctx context.Context) error {
	p.sending.Lock()
	p.shipAll()
	p.sending.Unlock()
	p.tick()
	if err := p.w.Flush(ctx); err != nil {
		return fmt.Errorf("bus: flush %s: %w; %d bytes are not acknowledged", p.topicName, err, p.pending.Load())
	}
	return p.lost.Take()
}

// Close stops the producer and drops what is buffered: call Flush before.
func (p *Producer) Close() {
	p.stop()
	p.work.Wait()
	p.w.Close()
}
