package analyze

import (
	"context"
	"sync"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// batch is a series of consecutive frames that is passed to the lanes and to the
// collector. It contains copies of the packet data that the lanes need.
type batch struct {
	first   uint64 // number of its first frame, from 0
	frames  []framed
	packets []models.PacketMeta
	scores  []float64 // of packets; unscored without a score
	frameOf []int32   // packet to frame
	partOf  []int32   // packet to partition
	order   uint64    // index of its first packet in the captures
	pending sync.WaitGroup
}

// framed is what the scores output needs of a frame.
type framed struct {
	ts      models.Timestamp
	packets int32
}

// unscored marks a packet without a score.
const unscored = -1

// Batches are large enough that passing one on costs little per packet, and small enough
// that all of them fit in the CPU caches.
const (
	batchFrames = 1024
	batchCount  = 8
)

func newBatch() *batch {
	return &batch{
		frames: make([]framed, 0, batchFrames), packets: make([]models.PacketMeta, 0, batchFrames),
		scores: make([]float64, 0, batchFrames), frameOf: make([]int32, 0, batchFrames), partOf: make([]int32, 0, batchFrames),
	}
}

func (b *batch) reset() {
	b.frames, b.packets, b.scores, b.frameOf, b.partOf = b.frames[:0], b.packets[:0], b.scores[:0], b.frameOf[:0], b.partOf[:0]
}

// dispatcher fills batches and passes them to the workers. Only the reader uses it.
type dispatcher struct {
	partitions int32
	workers    []*scoringWorker
	to         *scoreCollector
	b          *batch
	frames     uint64
	packets    uint64
	key        []byte
}

func newDispatcher(partitions int32, workers []*scoringWorker, to *scoreCollector) *dispatcher {
	return &dispatcher{partitions: partitions, workers: workers, to: to, b: <-to.free, key: make([]byte, 0, 64)}
}

// begin adds a frame; add then adds its packets.
func (d *dispatcher) begin(ts models.Timestamp) {
	if len(d.b.frames) == batchFrames {
		d.send()
	}
	d.b.frames = append(d.b.frames, framed{ts: ts})
	d.frames++
}

// add adds a packet of the last frame.
func (d *dispatcher) add(m *models.PacketMeta) {
	b, part := d.b, int32(0)
	if d.partitions > 1 {
		d.key = wire.AppendKey(d.key[:0], m)
		part = wire.PartitionOf(d.key, d.partitions)
	}
	at := len(b.frames) - 1
	b.frames[at].packets++
	b.partOf = append(b.partOf, part)
	b.packets = append(b.packets, *m)
	b.scores = append(b.scores, unscored)
	b.frameOf = append(b.frameOf, int32(at))
}

// send passes the batch on and waits for an empty one.
func (d *dispatcher) send() {
	b := d.b
	b.first, b.order = d.frames-uint64(len(b.frames)), d.packets
	d.packets += uint64(len(b.packets))
	b.pending.Add(len(d.workers))
	for _, w := range d.workers {
		w.in <- b
	}
	d.to.in <- b
	d.b = <-d.to.free
}

// close sends the rest.
func (d *dispatcher) close() {
	d.send()
	for _, w := range d.workers {
		close(w.in)
	}
	close(d.to.in)
}

// scoringWorker runs one lane. It receives packets as if from the topic: by partition, with
// the sequence numbers and ticks of a producer.
type scoringWorker struct {
	in      chan *batch
	cfg     engine.Config
	id      int32
	lane    *engine.Lane
	numbers []uint64 // by partition: packets so far
	b       *batch   // the current batch
	next    int      // packets of b before this one have a score
	alerts  *report.Alerts
}

func newScoringWorker(cfg engine.Config, id int32) (w *scoringWorker, err error) {
	w = &scoringWorker{
		in: make(chan *batch, batchCount), cfg: cfg, id: id, numbers: make([]uint64, cfg.TopicPartitions),
		alerts: report.NewAlerts(max(report.MaxAlerts/cfg.Lanes, 64)),
	}
	if w.lane, err = engine.NewLane(cfg, id, w.alerts.Add); err != nil {
		return nil, err
	}
	w.lane.OnScore(w.scored)
	return w, nil
}

// captureProducer is the producer ID of packets from captures.
const captureProducer = 1

// run scores until there are no more batches.
func (w *scoringWorker) run() {
	for b := range w.in {
		w.score(b)
		b.pending.Done()
	}
	w.lane.Release()
	w.lane.Flush()
}

func (w *scoringWorker) score(b *batch) {
	w.b, w.next = b, 0
	partitions := w.cfg.Partitions(w.id)
	for _, p := range partitions {
		for i, part := range b.partOf {
			if part == p {
				w.lane.Packet(p, models.Sequence{Producer: captureProducer, Number: w.numbers[p], Order: b.order + uint64(i)}, &b.packets[i])
				w.numbers[p]++
			}
		}
	}
	if len(partitions) > 1 {
		for _, p := range partitions {
			w.lane.Tick(p, models.Sequence{Producer: captureProducer, Number: w.numbers[p], Order: b.order + uint64(len(b.packets))})
		}
	}
}

// scored is called for each packet of the lane, in the order of the capture.
func (w *scoringWorker) scored(_ *models.PacketMeta, score float64, ok bool) {
	for w.cfg.LaneOf(w.b.partOf[w.next]) != w.id {
		w.next++
	}
	if ok {
		w.b.scores[w.next] = score
	}
	w.next++
}

// scoreCollector receives batches in the order of the capture, waits until all lanes have
// scored them, and returns them to the dispatcher.
type scoreCollector struct {
	in     chan *batch
	free   chan *batch
	scores *report.Scores // nil: not written
	scored uint64
}

func (c *scoreCollector) init(scoring bool) {
	c.in, c.free = make(chan *batch, batchCount), make(chan *batch, batchCount)
	if !scoring {
		close(c.in)
		return
	}
	for range batchCount {
		c.free <- newBatch()
	}
}

// run collects until there are no more batches. An error ends the analysis.
func (c *scoreCollector) run(fail context.CancelCauseFunc) {
	for b := range c.in {
		b.pending.Wait()
		if err := c.collect(b); err != nil {
			fail(err)
			c.scores = nil
		}
		b.reset()
		c.free <- b
	}
}

// collect writes the score of each frame, the highest of its packets.
func (c *scoreCollector) collect(b *batch) error {
	at := 0
	for i, f := range b.frames {
		top := float64(unscored)
		for range f.packets {
			if b.scores[at] != unscored {
				c.scored++
				top = max(top, b.scores[at])
			}
			at++
		}
		if c.scores == nil {
			continue
		}
		if err := c.scores.Write(b.first+uint64(i)+1, f.ts, top); err != nil {
			return err
		}
	}
	return nil
}
