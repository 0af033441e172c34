package engine

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/engine/order"
)

// laneVersion changes with every change to the header of a lane's snapshot. Version 1, with a
// fixed number of partitions, can still be read.
const laneVersion = 2

// maxLanePartitions bounds the number of partitions in a snapshot.
const maxLanePartitions = 1 << 16

// AppendState appends a snapshot of the lane: its model, its waiting packets and its offsets.
func (l *Lane) AppendState(dst []byte) []byte {
	c := state.Writer(dst)
	l.head(c)
	c.SetBytes(l.order.AppendState(c.Bytes()))
	return l.pipeline.AppendState(c.Bytes())
}

// Restore restores a snapshot. The topic may have more partitions than at its time. If the
// snapshot has another version or configuration or is corrupted, Restore returns an error, and
// the lane is untrained and continues at the offsets of the snapshot, as far as these could
// be read.
func (l *Lane) Restore(b []byte) error {
	l.resetOrder()
	c := state.Reader(b)
	version := l.head(c)
	err := c.Err()
	if err == nil {
		var rest []byte
		if rest, err = l.order.Restore(c.Bytes(), orderVersion(version)); err == nil {
			err = l.pipeline.Restore(rest)
		}
	}
	if err == nil {
		return nil
	}
	offsets, topic := l.offsets, l.topic
	l.resetOrder()
	l.offsets, l.topic, l.counts.unreadable = offsets, topic, 0
	for i, at := range offsets {
		if at > 0 {
			l.order.StartMidway(l.id + int32(i)*l.lanes)
		}
	}
	if again := l.pipeline.reset(); again != nil {
		return again
	}
	return fmt.Errorf("lane %d: %w", l.id, err)
}

// orderVersion returns the version of the order within a lane's snapshot.
func orderVersion(lane uint64) uint64 {
	if lane == laneVersion {
		return order.StateVersion
	}
	return lane
}

func (l *Lane) head(c *state.Codec) (version uint64) {
	version = laneVersion
	c.U64(&version)
	if version != laneVersion && version != 1 {
		c.Fail(fmt.Errorf("snapshot: version %d of the lane's state, this version of NetLyra reads up to %d", version, laneVersion))
	}
	c.U64(&l.counts.unreadable)
	if version == 1 {
		l.oldOffsets(c)
		return version
	}
	for i := range l.topic {
		c.U8(&l.topic[i])
	}
	c.Same("number of lanes", uint64(l.lanes))
	n := c.Len(len(l.offsets), maxLanePartitions)
	for i := range n {
		l.offset(c, i)
	}
	return version
}

// oldOffsets reads the offsets of version 1.
func (l *Lane) oldOffsets(c *state.Codec) {
	var n uint64
	if c.U64(&n); n > maxLanePartitions {
		c.Fail(fmt.Errorf("snapshot: %d partitions", n))
		return
	}
	for i := range int(n) {
		c.Same("partition", uint64(l.id+int32(i)*l.lanes))
		l.offset(c, i)
	}
}

func (l *Lane) offset(c *state.Codec, i int) {
	at := l.offsetOf(l.id + int32(i)*l.lanes)
	v := *at
	if c.I64(&v); c.Err() == nil {
		*at = v
	}
}
