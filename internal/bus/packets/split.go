package packets

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// split divides a packed record that is larger than the topic accepts into records of
// about most bytes, in which packets keep their numbers. It returns nil if r is not packed
// or has one packet.
func (p *Producer) split(r *kgo.Record, most int) []*kgo.Record {
	seq, kind := sequenceOf(r)
	if kind != models.ContentTypePacked || most <= 0 {
		return nil
	}
	var metas []models.PacketMeta
	var orders []uint64
	err := wire.DecodePackedOrdered(r.Value, func(m *models.PacketMeta, behind uint64) error {
		metas, orders = append(metas, *m), append(orders, seq.Order+behind)
		return nil
	})
	if err != nil || len(metas) < 2 {
		return nil
	}
	parts := max(2, len(r.Value)*2/most)
	each := max(1, len(metas)/parts)
	var out []*kgo.Record
	bytes := 0
	for at := 0; at < len(metas); at += each {
		end := min(at+each, len(metas))
		var enc wire.PackedEncoder
		for i := at; i < end; i++ {
			enc.AppendOrdered(&metas[i], orders[i])
		}
		s := seq
		s.Number, s.Order = seq.Number+uint64(at), orders[at]
		part := &kgo.Record{Topic: r.Topic, Partition: r.Partition, Value: enc.AppendTo(nil), Context: countContext{contextOf(p.ctx, r), uint64(end - at)},
			Headers: []kgo.RecordHeader{{Key: models.HeaderSequence, Value: wire.AppendSequence(nil, s)}, {Key: models.HeaderContentType, Value: typePacked}}}
		out, bytes = append(out, part), bytes+len(part.Value)
	}
	p.pending.Add(int64(bytes - len(r.Key) - len(r.Value)))
	return out
}

func contextOf(otherwise context.Context, r *kgo.Record) context.Context {
	if c, ok := r.Context.(countContext); ok {
		return c.Context
	}
	return otherwise
}

func sequenceOf(r *kgo.Record) (s models.Sequence, contentType string) {
	for i := range r.Headers {
		switch h := &r.Headers[i]; h.Key {
		case models.HeaderSequence:
			s = wire.ParseSequence(h.Value)
		case models.HeaderContentType:
			contentType = string(h.Value)
		}
	}
	return s, contentType
}
