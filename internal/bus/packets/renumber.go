package packets

import (
	"cmp"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/wire"
)

// reopened is called when the writer has another client. If the topic was recreated, it
// renumbers the buffered packets over the current partitions: the partition of a record may
// not exist any more, and the packets of the old topic are lost, so numbers within a
// partition start at 0 again.
func (p *Producer) reopened(take func() []*kgo.Record) []*kgo.Record {
	p.sending.Lock()
	defer p.sending.Unlock()
	now := p.c.Watcher().Topic(p.topicName)
	if now.ID == p.topic || !now.Exists {
		return take()
	}
	p.shipAll()
	list := p.renumber(take(), now.Partitions)
	p.spread(now)
	return list
}

// waiting is a packet of a buffered record.
type waiting struct {
	order uint64
	from  *kgo.Record
	meta  models.PacketMeta // zero if the record is the packet
}

// renumber returns the packets of list as records for so many partitions, in a new epoch
// that starts with the first of them. The caller holds sending.
func (p *Producer) renumber(list []*kgo.Record, partitions int32) []*kgo.Record {
	packets := p.unpack(list)
	if len(packets) == 0 {
		return nil
	}
	epoch := models.NewEpoch(partitions, packets[0].order)
	if epoch == p.order.epoch {
		return list
	}
	was := p.order
	p.order.epoch, p.order.in, p.order.ticked = epoch, make([]uint64, partitions), 0
	var out []*kgo.Record
	if p.packs == nil {
		out = p.repartition(packets, partitions)
	} else {
		out = p.repack(packets, partitions)
	}
	if partitions > 1 {
		for part := range partitions {
			out = append(out, &kgo.Record{Topic: p.topicName, Partition: part, Context: p.ctx, Headers: []kgo.RecordHeader{
				{Key: models.HeaderSequence, Value: wire.AppendSequence(nil, p.order.batch(part, was.next, 0))}, {Key: models.HeaderContentType, Value: typeTick}}})
		}
	}
	p.order = was
	p.order.ticked = was.next
	before, after := 0, 0
	for _, r := range list {
		before += len(r.Key) + len(r.Value)
	}
	for _, r := range out {
		after += len(r.Key) + len(r.Value)
	}
	p.pending.Add(int64(after - before))
	return out
}

// unpack returns the packets of the records in their order, without ticks.
func (p *Producer) unpack(list []*kgo.Record) []waiting {
	var packets []waiting
	for _, r := range list {
		seq, kind := sequenceOf(r)
		switch kind {
		case models.ContentTypeTick:
		case models.ContentTypePacked:
			err := wire.DecodePackedOrdered(r.Value, func(m *models.PacketMeta, behind uint64) error {
				packets = append(packets, waiting{seq.Order + behind, r, *m})
				return nil
			})
			if err != nil { // cannot happen: the producer encoded them
				p.stage.Drop(vocabulary.DropPublishRefused, p.packetsIn(r))
			}
		default:
			packets = append(packets, waiting{order: seq.Order, from: r})
		}
	}
	slices.SortStableFunc(packets, func(a, b waiting) int { return cmp.Compare(a.order, b.order) })
	return packets
}

// repartition returns one record for each packet, with its partition and number.
func (p *Producer) repartition(packets []waiting, partitions int32) (out []*kgo.Record) {
	for i := range packets {
		r := packets[i].from
		part := wire.PartitionOf(r.Key, partitions)
		out = append(out, &kgo.Record{Topic: r.Topic, Partition: part, Key: r.Key, Value: r.Value, Context: p.ctx,
			Headers: []kgo.RecordHeader{{Key: models.HeaderSequence, Value: wire.AppendSequence(nil, p.order.batch(part, packets[i].order, 1))}}})
	}
	return out
}

// repack returns packed records of the packets.
func (p *Producer) repack(packets []waiting, partitions int32) (out []*kgo.Record) {
	encs := make([]wire.PackedEncoder, partitions)
	ship := func(part int32) {
		enc := &encs[part]
		n := uint64(enc.Len())
		seq := p.order.batch(part, enc.First(), n)
		out = append(out, &kgo.Record{Topic: p.topicName, Partition: part, Value: enc.AppendTo(nil), Context: countContext{p.ctx, n},
			Headers: []kgo.RecordHeader{{Key: models.HeaderSequence, Value: wire.AppendSequence(nil, seq)}, {Key: models.HeaderContentType, Value: typePacked}}})
		enc.Reset()
	}
	for i := range packets {
		p.key = wire.AppendKey(p.key[:0], &packets[i].meta)
		part := wire.PartitionOf(p.key, partitions)
		encs[part].AppendOrdered(&packets[i].meta, packets[i].order)
		if encs[part].Len() >= p.cfg.PackedPackets || encs[part].Size() >= p.room {
			ship(part)
		}
	}
	for part := range partitions {
		if encs[part].Len() > 0 {
			ship(part)
		}
	}
	return out
}
