package packets

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// buffered has the records of a producer that were not acknowledged, and what they contain.
type buffered struct {
	p     *Producer
	list  []*kgo.Record
	metas []models.PacketMeta // by order - first
	first uint64
}

func renumberPacket(i int) models.PacketMeta {
	return models.PacketMeta{
		TS:  models.Timestamp(1_700_000_000_000_000_000) + models.Timestamp(i)*1000,
		Src: netip.AddrFrom4([4]byte{10, 0, byte(i % 17), 1}), Dst: netip.AddrFrom4([4]byte{192, 168, 0, 1}),
		SrcPort: uint16(i), DstPort: 443, Proto: models.ProtoTCP, Flags: models.FlagACK, PayloadLen: uint32(i), Entropy: 500, WireLen: 100, IPLen: 86,
		Dir: models.DirOrig, Conn: models.ConnID(i + 1), TTL: 64,
	}
}

// fillBuffer buffers n packets, numbered over partitions after skipped others that were
// acknowledged. With several partitions it adds ticks.
func fillBuffer(packed bool, partitions int32, skipped, n int) *buffered {
	p := &Producer{topicName: "packets", ctx: context.Background(), cfg: client.Config{PackedPackets: 7}, parts: partitions, room: 1 << 20, order: newOrder("test", partitions)}
	b := &buffered{p: p, first: uint64(skipped)}
	p.order.next = uint64(skipped)
	encs := make([]wire.PackedEncoder, partitions)
	add := func(r *kgo.Record, s models.Sequence, kind []byte) {
		r.Topic, r.Headers = p.topicName, []kgo.RecordHeader{{Key: models.HeaderSequence, Value: wire.AppendSequence(nil, s)}}
		if kind != nil {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: models.HeaderContentType, Value: kind})
		}
		b.list = append(b.list, r)
		p.pending.Add(int64(len(r.Key) + len(r.Value)))
	}
	ship := func(part int32) {
		if enc := &encs[part]; enc.Len() > 0 {
			add(&kgo.Record{Partition: part, Value: enc.AppendTo(nil)}, p.order.batch(part, enc.First(), uint64(enc.Len())), typePacked)
			enc.Reset()
		}
	}
	if packed {
		p.packs = make([]pack, partitions)
	}
	for i := range n {
		m := renumberPacket(skipped + i)
		b.metas = append(b.metas, m)
		key := wire.AppendKey(nil, &m)
		part := wire.PartitionOf(key, partitions)
		if packed {
			encs[part].AppendOrdered(&m, p.order.next)
			if p.order.next++; encs[part].Len() >= 5 {
				ship(part)
			}
		} else {
			add(&kgo.Record{Partition: part, Key: key, Value: fmt.Appendf(nil, "packet %d", skipped+i)}, p.order.take(part, 1), nil)
		}
		if partitions > 1 && i%20 == 19 {
			for part := range partitions {
				ship(part)
			}
			for part := range partitions {
				add(&kgo.Record{Partition: part}, p.order.batch(part, p.order.next, 0), typeTick)
			}
		}
	}
	for part := range partitions {
		ship(part)
	}
	return b
}

// check verifies the records that a new topic of so many partitions gets.
func (b *buffered) check(t *testing.T, out []*kgo.Record, partitions int32) {
	t.Helper()
	numbers, ticks, last := make([]uint64, partitions), make([]int, partitions), make([]int64, partitions)
	for i := range last {
		last[i] = -1
	}
	seen := map[uint64]int{}
	packet := func(r *kgo.Record, order uint64, key []byte) {
		if order < b.first || order-b.first >= uint64(len(b.metas)) {
			t.Fatalf("packet %d was not buffered", order)
		}
		if seen[order]++; int64(order) <= last[r.Partition] {
			t.Errorf("partition %d: packet %d after packet %d", r.Partition, order, last[r.Partition])
		}
		last[r.Partition] = int64(order)
		if want := wire.PartitionOf(key, partitions); r.Partition != want {
			t.Errorf("packet %d is in partition %d, want %d", order, r.Partition, want)
		}
		numbers[r.Partition]++
	}
	bytes := 0
	for _, r := range out {
		bytes += len(r.Key) + len(r.Value)
		s, kind := sequenceOf(r)
		if s.Number != numbers[r.Partition] {
			t.Errorf("partition %d continues with number %d after %d packets", r.Partition, s.Number, numbers[r.Partition])
		}
		if s.Epoch != models.NewEpoch(partitions, b.first) || s.Producer != b.p.order.producer {
			t.Errorf("record of producer %x in epoch %x, want %x in %x", s.Producer, s.Epoch, b.p.order.producer, models.NewEpoch(partitions, b.first))
		}
		if ticks[r.Partition] > 0 {
			t.Errorf("partition %d: a record follows the tick", r.Partition)
		}
		switch kind {
		case models.ContentTypeTick:
			if ticks[r.Partition]++; s.Order != b.p.order.next {
				t.Errorf("tick at %d, want %d: after all packets", s.Order, b.p.order.next)
			}
		case models.ContentTypePacked:
			b.checkPacked(t, r, s, packet)
		default:
			if want := fmt.Sprintf("packet %d", s.Order); string(r.Value) != want {
				t.Errorf("record of packet %d contains %q", s.Order, r.Value)
			}
			packet(r, s.Order, r.Key)
		}
	}
	for i := range b.metas {
		if n := seen[b.first+uint64(i)]; n != 1 {
			t.Errorf("packet %d is in %d records", b.first+uint64(i), n)
		}
	}
	for part, n := range ticks {
		if want := min(int(partitions)-1, 1); n != want {
			t.Errorf("partition %d of %d has %d ticks, want %d", part, partitions, n, want)
		}
	}
	if pending := b.p.pending.Load(); pending != int64(bytes) {
		t.Errorf("%d bytes pending, the records have %d", pending, bytes)
	}
}

func (b *buffered) checkPacked(t *testing.T, r *kgo.Record, s models.Sequence, packet func(r *kgo.Record, order uint64, key []byte)) {
	t.Helper()
	n := uint64(0)
	err := wire.DecodePackedOrdered(r.Value, func(m *models.PacketMeta, behind uint64) error {
		n++
		packet(r, s.Order+behind, wire.AppendKey(nil, m))
		if want := b.metas[s.Order+behind-b.first]; *m != want {
			t.Errorf("packet %d is %+v, want %+v", s.Order+behind, *m, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if counted, _ := r.Context.Value(packedCount{}).(uint64); counted != n || n > uint64(b.p.cfg.PackedPackets) {
		t.Errorf("record with %d packets is counted as %d; at most %d are allowed", n, counted, b.p.cfg.PackedPackets)
	}
}

// TestRenumber buffers packets, and renumbers them for a recreated topic with more or fewer
// partitions.
func TestRenumber(t *testing.T) {
	for _, packed := range []bool{false, true} {
		for _, change := range [][2]int32{{1, 3}, {3, 1}, {2, 5}, {5, 2}, {3, 3}, {1, 1}} {
			for _, skipped := range []int{0, 40, 41} {
				t.Run(fmt.Sprintf("packed %v, %d to %d after %d", packed, change[0], change[1], skipped), func(t *testing.T) {
					b := fillBuffer(packed, change[0], skipped, 137)
					if models.NewEpoch(change[1], b.first) == b.p.order.epoch {
						t.Skip("the epoch does not change")
					}
					next := b.p.order.next
					out := b.p.renumber(b.list, change[1])
					b.check(t, out, change[1])
					if b.p.order.next != next || b.p.order.ticked != next {
						t.Errorf("next %d and ticked %d, want %d: the packets are not new", b.p.order.next, b.p.order.ticked, next)
					}
				})
			}
		}
	}
}

// TestRenumberSameEpoch checks that records are sent as they are if all packets of the producer
// are buffered and the number of partitions is the same: their numbers are right.
func TestRenumberSameEpoch(t *testing.T) {
	for _, packed := range []bool{false, true} {
		b := fillBuffer(packed, 3, 0, 50)
		out := b.p.renumber(b.list, 3)
		if len(out) != len(b.list) {
			t.Fatalf("packed %v: %d records of %d", packed, len(out), len(b.list))
		}
		for i := range out {
			if out[i] != b.list[i] {
				t.Errorf("packed %v: record %d was replaced", packed, i)
			}
		}
	}
}

// TestRenumberTwice recreates the topic again before the packets were written.
func TestRenumberTwice(t *testing.T) {
	for _, packed := range []bool{false, true} {
		b := fillBuffer(packed, 3, 10, 90)
		once := b.p.renumber(b.list, 1)
		b.check(t, once, 1)
		b.p.order.epoch = models.NewEpoch(1, b.first)
		b.check(t, b.p.renumber(once, 4), 4)
	}
}

func TestRenumberNothing(t *testing.T) {
	b := fillBuffer(false, 3, 5, 0)
	if out := b.p.renumber(nil, 2); out != nil {
		t.Errorf("%d records of none", len(out))
	}
	tick := &kgo.Record{Headers: []kgo.RecordHeader{
		{Key: models.HeaderSequence, Value: wire.AppendSequence(nil, b.p.order.batch(0, 5, 0))}, {Key: models.HeaderContentType, Value: typeTick}}}
	if out := b.p.renumber([]*kgo.Record{tick}, 2); out != nil {
		t.Errorf("%d records of a tick alone", len(out))
	}
}
