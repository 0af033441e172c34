package app

import (
	"context"
	"sync"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/report"
)

// batch is consecutive frames on their way to the pipelines and back together. It
// carries copies of what the pipelines need of each packet.
type batch struct {
	first   uint64 // number of its first frame, from 0
	frames  []framed
	packets []models.PacketMeta
	scores  []float64 // of packets, unscored where there is none
	frameOf []int32   // packet to frame
	parts   [][]int32 // partition to its packets
	pending sync.WaitGroup
}

// framed is what scores are told of a frame.
type framed struct {
	ts      models.Timestamp
	packets int32
}

// unscored stands for the score of a packet that has none.
const unscored = -1

// Batches: large enough that handing one over costs nothing a packet, small enough
// that all of them stay in the caches.
const (
	batchFrames = 1024
	batchCount  = 8
)

func newBatch(partitions int) *batch {
	return &batch{
		frames: make([]framed, 0, batchFrames), packets: make([]models.PacketMeta, 0, batchFrames),
		scores: make([]float64, 0, batchFrames), frameOf: make([]int32, 0, batchFrames), parts: make([][]int32, partitions),
	}
}

func (b *batch) reset() {
	b.frames, b.packets, b.scores, b.frameOf = b.frames[:0], b.packets[:0], b.scores[:0], b.frameOf[:0]
	for i := range b.parts {
		b.parts[i] = b.parts[i][:0]
	}
}

// dealer fills batches and deals them out. It belongs to the reader.
type dealer struct {
	workers []*scoringWorker
	to      *scoreCollector
	b       *batch
	frames  uint64
	key     []byte
}

func newDealer(workers []*scoringWorker, to *scoreCollector) *dealer {
	return &dealer{workers: workers, to: to, b: <-to.free, key: make([]byte, 0, 64)}
}

// begin takes in a frame, whose packets follow.
func (d *dealer) begin(ts models.Timestamp) {
	if len(d.b.frames) == batchFrames {
		d.send()
	}
	d.b.frames = append(d.b.frames, framed{ts: ts})
	d.frames++
}

// deal takes in a packet of the last frame.
func (d *dealer) deal(m *models.PacketMeta) {
	b, part := d.b, int32(0)
	if len(d.workers) > 1 {
		d.key = m.AppendKey(d.key[:0])
		part = models.PartitionOf(d.key, int32(len(d.workers)))
	}
	at := len(b.frames) - 1
	b.frames[at].packets++
	b.parts[part] = append(b.parts[part], int32(len(b.packets)))
	b.packets = append(b.packets, *m)
	b.scores = append(b.scores, unscored)
	b.frameOf = append(b.frameOf, int32(at))
}

// send hands the batch out and waits for an empty one.
func (d *dealer) send() {
	b := d.b
	b.first = d.frames - uint64(len(b.frames))
	for i, w := range d.workers {
		if len(b.parts[i]) > 0 {
			b.pending.Add(1)
			w.in <- b
		}
	}
	d.to.in <- b
	d.b = <-d.to.free
}

// close sends the rest.
func (d *dealer) close() {
	d.send()
	for _, w := range d.workers {
		close(w.in)
	}
	close(d.to.in)
}

// scoringWorker is the pipeline of one partition.
type scoringWorker struct {
	part     int
	in       chan *batch
	pipeline *engine.Pipeline
	alerts   *report.Alerts
}

func newScoringWorker(cfg engine.Config, part, partitions int) (w *scoringWorker, err error) {
	w = &scoringWorker{part: part, in: make(chan *batch, batchCount), alerts: report.NewAlerts(max(report.MaxAlerts/partitions, 64))}
	w.pipeline, err = engine.NewPipeline(cfg, offline, w.alerts.Add)
	return w, err
}

// offline is the partition of alerts that no log is behind.
const offline = -1

// run scores until there are no more batches.
func (w *scoringWorker) run() {
	for b := range w.in {
		w.score(b)
		b.pending.Done()
	}
	w.pipeline.Flush()
}

func (w *scoringWorker) score(b *batch) {
	for _, i := range b.parts[w.part] {
		if score, scored := w.pipeline.Packet(&b.packets[i], int64(b.first)+int64(b.frameOf[i])); scored {
			b.scores[i] = score
		}
	}
}

// scoreCollector takes batches in the order of the capture, once all pipelines are
// through with them, and gives them back to the dealer.
type scoreCollector struct {
	in     chan *batch
	free   chan *batch
	scores *report.Scores // nil: nobody wants them one by one
	scored uint64
}

func (c *scoreCollector) init(partitions int) {
	c.in, c.free = make(chan *batch, batchCount), make(chan *batch, batchCount)
	if partitions == 0 {
		close(c.in)
		return
	}
	for range batchCount {
		c.free <- newBatch(partitions)
	}
}

// run collects until there are no more batches; what goes wrong ends the analysis.
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

// collect tells the score of each frame, which is the highest of its packets.
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
