package engine

import (
	"errors"
	"fmt"

	"github.com/netlyra/netlyra/engine/order"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Lane is one model and the partitions that it learns from: records in, alerts out.
// The packets of its partitions are put back into the order of their capture, so that
// what it says depends neither on their number nor on how they are read; there may be
// more of them at any time. It belongs to one goroutine.
type Lane struct {
	id       int32
	lanes    int32
	base     int32    // partitions of the topic, for producers that do not say how many they know
	topic    [16]byte // id of the topic that the offsets are of; zero: not known
	offsets  []int64  // by the partition's place in the lane: next to be read, -1 before the first record
	order    *order.Order
	pipeline *Pipeline
	scored   func(m *models.PacketMeta, score float64, ok bool) // nil: nobody looks
	counts   laneCounts

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

// Working is how many lanes have a partition to begin with.
func (c Config) Working() int32 { return min(int32(c.Lanes), c.TopicPartitions) }

// NewLane makes the lane of that number, as new. emit is called with each alert that
// begins or has grown; the alert is the callee's to keep.
func NewLane(cfg Config, lane int32, emit func(*models.Alert)) (*Lane, error) {
	p, err := NewPipeline(cfg, lane, emit)
	if err != nil {
		return nil, err
	}
	l := &Lane{id: lane, lanes: int32(cfg.Lanes), base: cfg.TopicPartitions, pipeline: p}
	if lane < 0 || lane >= l.lanes {
		return nil, fmt.Errorf("engine: there is no lane %d of %d", lane, cfg.Lanes)
	}
	l.unpack = l.packedRow
	l.renew()
	return l, nil
}

// renew forgets where the partitions stand and what waits.
func (l *Lane) renew() {
	l.offsets, l.topic = nil, [16]byte{}
	l.order = order.New(l.id, l.lanes, l.base, l.take)
}

// place is where the offset of a partition is, nil where it is another lane's.
func (l *Lane) place(partition int32) *int64 {
	if partition < l.id || (partition-l.id)%l.lanes != 0 {
		return nil
	}
	i := int((partition - l.id) / l.lanes)
	for len(l.offsets) <= i {
		l.offsets = append(l.offsets, -1)
	}
	return &l.offsets[i]
}

// Begin says that there is a partition, of the topic with that id (zero: not known).
// Where the lane has read another topic of that name, which was deleted since, it goes on
// at the beginning of this one: again is then true. What it had learned it keeps.
func (l *Lane) Begin(partition int32, topic [16]byte) (again bool) {
	if topic != ([16]byte{}) {
		if again = l.topic != ([16]byte{}) && l.topic != topic; again {
			for i := range l.offsets {
				l.offsets[i] = min(l.offsets[i], 0)
			}
			l.order.TopicMadeAnew()
		}
		l.topic = topic
	}
	l.order.Known(partition)
	return again
}

// Record takes in one record of one of its partitions. The error says why it could not
// be read; it is passed over then.
func (l *Lane) Record(r *models.Record) error {
	at := l.place(r.Partition)
	if at == nil {
		return fmt.Errorf("engine: lane %d of %d got a record of partition %d", l.id, l.lanes, r.Partition)
	}
	if *at < 0 && r.Offset > r.Gap { // offsets without a record are none that were missed
		l.order.Midway(r.Partition)
	}
	*at = r.Offset + 1
	err := l.read(r)
	if err != nil {
		l.counts.unreadable++
	}
	return err
}

// Passed says that the offsets from up to next of a partition carry no record. Where the
// lane stands at from, it goes on at next; it reports whether it does.
func (l *Lane) Passed(partition int32, from, next int64) bool {
	at := l.place(partition)
	if at == nil || from != max(*at, 0) || next <= from {
		return false
	}
	*at = next
	return true
}

func (l *Lane) read(r *models.Record) error {
	if r.Unreadable != "" {
		return errors.New(r.Unreadable)
	}
	switch r.ContentType {
	case models.ContentTypePacked:
		l.row.partition, l.row.seq = r.Partition, r.Sequence
		return wire.DecodePackedOrdered(r.Value, l.unpack)
	case models.ContentTypeTick:
		l.Tick(r.Partition, r.Sequence)
		return nil
	case models.ContentTypeJSON, "":
		l.meta = models.PacketMeta{}
		if err := wire.ParsePacket(r.Value, &l.meta); err != nil {
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
	if at := l.place(partition); at != nil {
		return *at
	}
	return -1
}

// Offsets is Offset of each partition that the lane knows.
func (l *Lane) Offsets() map[int32]int64 {
	all := make(map[int32]int64, len(l.offsets))
	for i, at := range l.offsets {
		all[l.id+int32(i)*l.lanes] = at
	}
	return all
}

// Status is what the lane has done.
func (l *Lane) Status() models.PartitionStatus {
	s, c := l.pipeline.Status(), l.order.Counts()
	s.Offset = max(l.Offset(l.id), 0)
	s.Held, s.Duplicates, s.Missing, s.Unreadable = uint64(l.order.Held()), c.Duplicates, c.Missing, l.counts.unreadable
	return s
}
