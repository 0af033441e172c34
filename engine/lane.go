package engine

import (
	"errors"
	"fmt"

	"github.com/netlyra/netlyra/engine/order"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Lane is one model and the partitions that it learns from: records in, alerts out. It
// restores the order of capture over its partitions, so that its results depend neither on
// their number nor on how they are read. Partitions may be added at any time. A Lane must
// not be used by several goroutines at once.
type Lane struct {
	id       int32
	lanes    int32
	base     int32    // partitions of the topic for producers whose records do not state a number
	topic    [16]byte // id of the topic of the offsets; zero: unknown
	offsets  []int64  // next offset of each partition of the lane, -1 before its first record
	order    *order.Order
	pipeline *Pipeline
	scored   func(m *models.PacketMeta, score float64, ok bool) // observer of scores, or nil
	counts   laneCounts

	meta models.PacketMeta
	row  struct { // position in the current packed record
		partition int32
		seq       models.Sequence
	}
	unpack func(m *models.PacketMeta, behind uint64) error // l.packedRow, bound once
}

// laneCounts counts the input since the lane was created; unreadable is part of its state.
type laneCounts struct{ packets, bytes, unreadable uint64 }

// Partitions returns the initial partitions of a lane in ascending order: those whose number
// modulo the number of lanes is the lane.
func (c Config) Partitions(lane int32) (ps []int32) {
	for p := lane; p < c.TopicPartitions; p += int32(c.Lanes) {
		ps = append(ps, p)
	}
	return ps
}

// LaneOf returns the lane of a partition.
func (c Config) LaneOf(partition int32) int32 { return partition % int32(c.Lanes) }

// Working returns the number of lanes that have a partition initially.
func (c Config) Working() int32 { return min(int32(c.Lanes), c.TopicPartitions) }

// NewLane returns an untrained lane. emit is called with each alert that starts or has grown,
// and may keep the alert.
func NewLane(cfg Config, lane int32, emit func(*models.Alert)) (*Lane, error) {
	p, err := NewPipeline(cfg, lane, emit)
	if err != nil {
		return nil, err
	}
	l := &Lane{id: lane, lanes: int32(cfg.Lanes), base: cfg.TopicPartitions, pipeline: p}
	if lane < 0 || lane >= l.lanes {
		return nil, fmt.Errorf("engine: lane %d is out of range, there are %d lanes", lane, cfg.Lanes)
	}
	l.unpack = l.packedRow
	l.resetOrder()
	return l, nil
}

// resetOrder discards the offsets of the partitions and the packets that wait.
func (l *Lane) resetOrder() {
	l.offsets, l.topic = nil, [16]byte{}
	l.order = order.New(l.id, l.lanes, l.base, l.take)
}

// offsetOf returns the offset of a partition, nil if the partition is not of this lane.
func (l *Lane) offsetOf(partition int32) *int64 {
	if partition < l.id || (partition-l.id)%l.lanes != 0 {
		return nil
	}
	i := int((partition - l.id) / l.lanes)
	for len(l.offsets) <= i {
		l.offsets = append(l.offsets, -1)
	}
	return &l.offsets[i]
}

// Begin adds a partition of the topic with this id (zero: unknown). If the lane has read an
// earlier topic of the same name, which was deleted since, it continues at the start of this
// one with the same model, and recreated is true.
func (l *Lane) Begin(partition int32, topic [16]byte) (recreated bool) {
	if topic != ([16]byte{}) {
		if recreated = l.topic != ([16]byte{}) && l.topic != topic; recreated {
			for i := range l.offsets {
				l.offsets[i] = min(l.offsets[i], 0)
			}
			l.order.TopicRecreated()
		}
		l.topic = topic
	}
	l.order.AddPartition(partition)
	return recreated
}

// Record processes one record of one of the lane's partitions. It returns an error if the
// record could not be read; the lane skips the record in that case.
func (l *Lane) Record(r *models.Record) error {
	at := l.offsetOf(r.Partition)
	if at == nil {
		return fmt.Errorf("engine: lane %d of %d received a record of partition %d", l.id, l.lanes, r.Partition)
	}
	if *at < 0 && r.Offset > r.Gap { // a leading gap without records is not missing
		l.order.StartMidway(r.Partition)
	}
	*at = r.Offset + 1
	err := l.read(r)
	if err != nil {
		l.counts.unreadable++
	}
	return err
}

// Passed advances a partition past the offsets from from up to next, which have no records. It
// reports whether the lane was at from and moved.
func (l *Lane) Passed(partition int32, from, next int64) bool {
	at := l.offsetOf(partition)
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
			l.order.Add(r.Partition, r.Sequence, nil) // it counts as received, so that no other packet waits for it
			return err
		}
		l.Packet(r.Partition, r.Sequence, &l.meta)
		return nil
	}
	return fmt.Errorf("unknown content type %.60q", r.ContentType)
}

func (l *Lane) packedRow(m *models.PacketMeta, behind uint64) error {
	s := l.row.seq
	s.Order += behind
	l.row.seq.Number++
	l.Packet(l.row.partition, s, m)
	return nil
}

// Packet processes one packet of a record. m is not retained.
func (l *Lane) Packet(partition int32, s models.Sequence, m *models.PacketMeta) {
	l.counts.packets++
	l.counts.bytes += uint64(m.WireLen)
	l.order.Add(partition, s, m)
}

// Tick processes a tick.
func (l *Lane) Tick(partition int32, s models.Sequence) { l.order.Tick(partition, s) }

// OnScore registers f, which is called with each packet, in order, and its score. ok is false
// during the warm-up.
func (l *Lane) OnScore(f func(m *models.PacketMeta, score float64, ok bool)) { l.scored = f }

// take scores the next packet in order.
func (l *Lane) take(m *models.PacketMeta) {
	score, ok := l.pipeline.Packet(m)
	if l.scored != nil {
		l.scored(m, score, ok)
	}
}

// Release processes all packets that wait for others, as at the end of the input.
func (l *Lane) Release() { l.order.Release() }

// Flush publishes every alert that has grown, for the end of the input.
func (l *Lane) Flush() { l.pipeline.Flush() }

// Announce emits every alert that has grown since the last publication.
func (l *Lane) Announce() { l.pipeline.Announce() }

// Offset returns the next offset of a partition, -1 if the lane has none.
func (l *Lane) Offset(partition int32) int64 {
	if at := l.offsetOf(partition); at != nil {
		return *at
	}
	return -1
}

// Offsets returns the next offset of each known partition of the lane.
func (l *Lane) Offsets() map[int32]int64 {
	all := make(map[int32]int64, len(l.offsets))
	for i, at := range l.offsets {
		all[l.id+int32(i)*l.lanes] = at
	}
	return all
}

// Status returns the counts and the state of the lane.
func (l *Lane) Status() models.PartitionStatus {
	s, c := l.pipeline.Status(), l.order.Counts()
	s.Offset = max(l.Offset(l.id), 0)
	s.Held, s.Duplicates, s.Missing, s.Unreadable = uint64(l.order.Held()), c.Duplicates, c.Missing, l.counts.unreadable
	return s
}
