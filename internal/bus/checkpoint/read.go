package checkpoint

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/wire"
)

// find returns the lane's newest catalogue, or one rebuilt from the chunks if none is
// readable. It is empty for a lane that was never saved. scanned is nil if a catalogue was
// read, else it has the errors of incomplete checkpoints.
func (s *Store) find(ctx context.Context, key laneKey) (cat *catalogue, scanned []*badCheckpoint, err error) {
	spans, err := s.spans(ctx)
	if err != nil {
		return nil, nil, err
	}
	// The key determines the partition (Kafka's default partitioner). If partitions were
	// added, older catalogues are in other partitions.
	home := wire.PartitionOf(headKey(key), int32(max(len(spans), 1)))
	for i := range int32(len(spans)) {
		if cat, err = s.head(ctx, key, (home+i)%int32(len(spans)), spans); cat != nil || err != nil {
			return cat, nil, err
		}
	}
	return s.scan(ctx, key)
}

// spans returns the span of each partition of the topic.
func (s *Store) spans(ctx context.Context) (map[int32]extent.Span, error) {
	all, err := s.c.Spans(ctx, s.c.Config().Topics.Checkpoints)
	if err != nil {
		return nil, err
	}
	spans := map[int32]extent.Span{}
	for k, sp := range all {
		spans[k.Partition] = sp
	}
	return spans, nil
}

// head searches a partition backwards for the newest catalogue. It is the last record of
// every Save, so the first read usually finds it.
func (s *Store) head(ctx context.Context, key laneKey, partition int32, spans map[int32]extent.Span) (*catalogue, error) {
	want, sp := string(headKey(key)), spans[partition]
	var found *catalogue
	for window, hi := int64(1), sp.End; hi > sp.Start && found == nil; window *= 16 {
		lo := max(hi-window, sp.Start)
		err := s.read(ctx, map[int32]extent.Span{partition: {Start: lo, End: hi}}, func(r *kgo.Record) {
			if string(r.Key) != want {
				return
			}
			cat, err := parseCatalogue(r.Value)
			if err != nil {
				s.c.Log().Warn("cannot read a catalogue of checkpoints; skipping it", vocabulary.EventCatalogueUnreadable.Attr(), "group", key.group, "lane", key.lane, "err", err)
				return
			}
			found = cat
		})
		if err != nil {
			return nil, err
		}
		hi = lo
	}
	return found, nil
}

// scan rebuilds the catalogue from the chunks of the whole topic.
func (s *Store) scan(ctx context.Context, key laneKey) (*catalogue, []*badCheckpoint, error) {
	spans, err := s.spans(ctx)
	if err != nil {
		return nil, nil, err
	}
	a := assembly{prefix: string(chunkPrefix(key))}
	if err := s.read(ctx, spans, func(r *kgo.Record) { a.add(r.Key, r.Value, location{r.Partition, r.Offset}) }); err != nil {
		return nil, nil, err
	}
	cat, broken := a.catalogue()
	return cat, append([]*badCheckpoint{}, broken...), nil
}

// fetch returns the values of the records at these locations, nil for removed ones.
func (s *Store) fetch(ctx context.Context, at []location) ([][]byte, error) {
	spans, err := s.spans(ctx)
	if err != nil {
		return nil, err
	}
	index, wanted := make(map[location]int, len(at)), map[int32]extent.Span{}
	for i, l := range at {
		sp, ok := spans[l.Partition]
		if !ok || l.Offset < sp.Start || l.Offset >= sp.End {
			continue
		}
		index[l] = i
		if w, ok := wanted[l.Partition]; ok {
			wanted[l.Partition] = extent.Span{Start: min(w.Start, l.Offset), End: max(w.End, l.Offset+1)}
		} else {
			wanted[l.Partition] = extent.Span{Start: l.Offset, End: l.Offset + 1}
		}
	}
	values := make([][]byte, len(at))
	err = s.read(ctx, wanted, func(r *kgo.Record) {
		if i, ok := index[location{r.Partition, r.Offset}]; ok {
			values[i] = r.Value
		}
	})
	return values, err
}

// read calls fn for each record of the spans.
func (s *Store) read(ctx context.Context, spans map[int32]extent.Span, fn func(*kgo.Record)) error {
	at := extent.NewReading()
	for p, sp := range spans {
		at.Add(extent.Key{Topic: s.c.Config().Topics.Checkpoints, Partition: p}, sp.Start, sp.End)
	}
	if at.Done() {
		return nil
	}
	b, err := s.c.ReadTo("checkpoints", at)
	if err != nil {
		return err
	}
	defer b.Close()
	return b.Each(ctx, func(r *kgo.Record, _ int64) error {
		fn(r)
		return nil
	})
}
