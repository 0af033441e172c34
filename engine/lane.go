package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/engine/order"
	"github.com/netlyra/netlyra/internal/models"
)

// Lane is one model and the partitions that it learns from: records in, alerts out.
// The packets of its partitions are put back into the order of their capture, so that
// what it says depends neither on their number nor on how they are read. It belongs to
// one goroutine.
type Lane struct {
	id         int32
	partitions []int32
	offsets    []int64 // by partition: next to be read, -1 before the first record
	order      *order.Order
	pipeline   *Pipeline
	scored     func(m *models.PacketMeta, score float64, ok bool) // nil: nobody looks
	counts     laneCounts

	meta models.PacketMeta
	row  struct { // of the packed record at hand
		partition int32
		seq       models.Sequence
	}
	unpack func(m *models.PacketMeta, behind uint64) error // l.packedRow, made once
}

// laneCounts is what came in since the lane was made; unreadable is part of its state.
type laneCounts struct{ packets, bytes, unreadable uint64 }

// Partitions of a lane, ascending: those whose number leaves the lane's when divided by
// the number of lanes.
func (c Config) Partitions(lane int32) (ps []int32) {
	for p := lane; p < c.TopicPartitions; p += int32(c.Lanes) {
		ps = append(ps, p)
	}
	return ps
}

// LaneOf is the lane of a partition.
func (c Config) LaneOf(partition int32) int32 { return partition % int32(c.Lanes) }

// NewLane makes the lane of that number, as new. emit is called with each alert that
// begins or has grown; the alert is the callee's to keep.
func NewLane(cfg Config, lane int32, emit func(*models.Alert)) (*Lane, error) {
	p, err := NewPipeline(cfg, lane, emit)
	if err != nil {
		return nil, err
	}
	l := &Lane{id: lane, partitions: cfg.Partitions(lane), pipeline: p}
	if len(l.partitions) == 0 {
		return nil, fmt.Errorf("engine: lane %d has no partition: there are %d in %d lanes", lane, cfg.TopicPartitions, cfg.Lanes)
	}
	l.unpack = l.packedRow
	l.renew()
	return l, nil
}

// renew forgets where the partitions stand and what waits.
func (l *Lane) renew() {
	l.offsets = slices.Repeat([]int64{-1}, len(l.partitions))
	l.order = order.New(l.partitions, l.take)
}

// Record takes in one record of one of its partitions. The error says why it could not
// be read; it is passed over then.
func (l *Lane) Record(r *models.Record) error {
	i := slices.Index(l.partitions, r.Partition)
	if i < 0 {
		return fmt.Errorf("engine: lane %d got a record of partition %d; its partitions are %v", l.id, r.Partition, l.partitions)
	}
	if l.offsets[i] < 0 && r.Offset > r.Gap { // offsets without a record are none that were missed
		l.order.Midway(r.Partition)
	}
	l.offsets[i] = r.Offset + 1
	err := l.read(r)
	if err != nil {
		l.counts.unreadable++
	}
	return err
}

// Passed says that the offsets from up to next of a partition carry no record. Where the
// lane stands at from, it goes on at next; it reports whether it does.
func (l *Lane) Passed(partition int32, from, next int64) bool {
	i := slices.Index(l.partitions, partition)
	if i < 0 || from != max(l.offsets[i], 0) || next <= from {
		return false
	}
	l.offsets[i] = next
	return true
}

func (l *Lane) read(r *models.Record) error {
	if r.Unreadable != "" {
		return errors.New(r.Unreadable)
	}
	switch r.ContentType {
	case models.ContentTypePacked:
		l.row.partition, l.row.seq = r.Partition, r.Sequence
		return models.DecodePackedOrdered(r.Value, l.unpack)
	case models.ContentTypeTick:
		l.Tick(r.Partition, r.Sequence)
		return nil
	case models.ContentTypeJSON, "":
		l.meta = models.PacketMeta{}
		if err := l.meta.ParseJSON(r.Value); err != nil {
			l.order.Add(r.Partition, r.Sequence, nil) // it came; nothing else need wait for it
			return err
		}
		l.Packet(r.Partition, r.Sequence, &l.meta)
		return nil
	}
	return fmt.Errorf("content type %.60q is not known", r.ContentType)
}

func (l *Lane) packedRow(m *models.PacketMeta, behind uint64) error {
	s := l.row.seq
	s.Order += behind
	l.row.seq.Number++
	l.Packet(l.row.partition, s, m)
	return nil
}

// Packet takes in one packet of a record, in the way of Record. m may be changed
// afterwards.
func (l *Lane) Packet(partition int32, s models.Sequence, m *models.PacketMeta) {
	l.counts.packets++
	l.counts.bytes += uint64(m.WireLen)
	l.order.Add(partition, s, m)
}

// Tick takes in a tick, in the way of Record.
func (l *Lane) Tick(partition int32, s models.Sequence) { l.order.Tick(partition, s) }

// OnScore has f called with each packet when its turn has come, and with its score; ok
// is false while the model warms up.
func (l *Lane) OnScore(f func(m *models.PacketMeta, score float64, ok bool)) { l.scored = f }

// take is the packet whose turn it is.
func (l *Lane) take(m *models.PacketMeta) {
	score, ok := l.pipeline.Packet(m)
	if l.scored != nil {
		l.scored(m, score, ok)
	}
}

// Release takes in all packets that wait for others, as if nothing else were to come.
func (l *Lane) Release() { l.order.Release() }

// Flush hands out the last growth of every alert; for the end of input.
func (l *Lane) Flush() { l.pipeline.Flush() }

// Announce hands out every alert that has grown since it was last published.
func (l *Lane) Announce() { l.pipeline.Announce() }

// Offset is the next record to be read of a partition, -1 where it has none yet.
func (l *Lane) Offset(partition int32) int64 {
	if i := slices.Index(l.partitions, partition); i >= 0 {
		return l.offsets[i]
	}
	return -1
}

// Status is what the lane has done.
func (l *Lane) Status() models.PartitionStatus {
	s, c := l.pipeline.Status(), l.order.Counts()
	s.Offset = max(l.offsets[0], 0)
	s.Held, s.Duplicates, s.Missing, s.Unreadable = uint64(l.order.Held()), c.Duplicates, c.Missing, l.counts.unreadable
	return s
}

// laneVersion changes with any change of what a lane's head holds.
const laneVersion = 1

// AppendState appends all that decides what the lane will say of the records to come,
// and where they begin.
func (l *Lane) AppendState(dst []byte) []byte {
	c := state.Writer(dst)
	l.head(c)
	c.SetBytes(l.order.AppendState(c.Bytes()))
	return l.pipeline.AppendState(c.Bytes())
}

// Restore makes the lane what it was at AppendState. Where the snapshot is of another
// version or configuration, it begins anew at the offsets of the snapshot, as far as
// these can be read, and the error says so.
func (l *Lane) Restore(b []byte) error {
	l.renew()
	c := state.Reader(b)
	l.head(c)
	err := c.Err()
	if err == nil {
		var rest []byte
		if rest, err = l.order.Restore(c.Bytes()); err == nil {
			err = l.pipeline.Restore(rest)
		}
	}
	if err == nil {
		return nil
	}
	offsets := l.offsets
	l.renew()
	l.offsets, l.counts.unreadable = offsets, 0
	for i, p := range l.partitions {
		if offsets[i] > 0 {
			l.order.Midway(p)
		}
	}
	if again := l.pipeline.reset(); again != nil {
		return again
	}
	return fmt.Errorf("lane %d: %w", l.id, err)
}

func (l *Lane) head(c *state.Codec) {
	c.Same("version of the lane's state", laneVersion)
	c.U64(&l.counts.unreadable)
	c.Same("number of partitions", uint64(len(l.partitions)))
	for i, p := range l.partitions {
		c.Same("partition", uint64(p))
		at := l.offsets[i]
		if c.I64(&at); c.Err() == nil {
			l.offsets[i] = at
		}
	}
}
