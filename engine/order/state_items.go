package order

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// items encodes numbers, places and flags, then the packets in packed batches.
func (o *Order) items(c *state.Codec, list []*item, limit int) []*item {
	n := c.Len(len(list), limit)
	if c.Reading() {
		list = nil
	}
	for i := range n {
		it := new(item)
		if !c.Reading() {
			it = list[i]
		} else {
			list = append(list, it)
		}
		c.U64(&it.number)
		c.U64(&it.order)
		c.Bool(&it.tick)
		c.Bool(&it.void)
		if c.Err() != nil {
			return nil
		}
	}
	packets(c, list)
	return list
}

// Limits of one batch of a snapshot.
const (
	batchPackets = 4096
	batchBytes   = 1 << 20
)

// packets encodes the packets of the items that have one.
func packets(c *state.Codec, list []*item) {
	var with []*item
	for _, it := range list {
		if !it.tick && !it.void {
			with = append(with, it)
		}
	}
	for len(with) > 0 && c.Err() == nil {
		part := with[:min(batchPackets, len(with))]
		with = with[len(part):]
		if !c.Reading() {
			var e wire.PackedEncoder
			for _, it := range part {
				e.Append(&it.meta)
			}
			b := e.AppendTo(nil)
			c.Text(&b, batchBytes)
			continue
		}
		unpack(c, part)
	}
}

func unpack(c *state.Codec, part []*item) {
	var b []byte
	c.Text(&b, batchBytes)
	n := 0
	err := wire.DecodePacked(b, func(m *models.PacketMeta) error {
		if n < len(part) {
			part[n].meta = *m
		}
		n++
		return nil
	})
	switch {
	case c.Err() != nil:
	case err != nil:
		c.Fail(fmt.Errorf("snapshot: waiting packets: %w", err))
	case n != len(part):
		c.Fail(fmt.Errorf("snapshot: %d waiting packets, want %d", n, len(part)))
	}
}
