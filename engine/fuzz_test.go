package engine

import (
	"encoding/binary"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// fuzzLane returns a lane of two partitions with small tables, because creating a full lane
// takes longer than reading a record.
func fuzzLane(t testing.TB) *Lane {
	t.Helper()
	cfg := DefaultConfig()
	cfg.TopicPartitions = 2
	l, err := NewLane(cfg, 0, func(*models.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// FuzzLaneRecord reads arbitrary records: whatever their headers, numbers and places, the lane
// continues and respects the limit of held packets.
func FuzzLaneRecord(f *testing.F) {
	list := scanned(1)[:8]
	for i, r := range append(recordsOf(list, 1), recordsOf(list, 8)...) {
		f.Add(r.Value, uint64(i), ^uint64(i), uint64(1), r.ContentType == models.ContentTypePacked, i%3 == 0)
	}
	l := fuzzLane(f)
	offset := int64(0)
	f.Fuzz(func(t *testing.T, value []byte, number, order, producer uint64, packed, tick bool) {
		s := models.Sequence{Producer: producer, Number: number, Order: order}
		for partition := range int32(2) {
			r := models.Record{Partition: partition, Offset: offset, Sequence: s, Value: value}
			switch {
			case packed:
				r.ContentType = models.ContentTypePacked
			case tick:
				r.ContentType, r.Value = models.ContentTypeTick, nil
			}
			_ = l.Record(&r)
			s.Number, s.Order = s.Number+1, s.Order-1
		}
		offset++
		if st := l.Status(); st.Held > 1<<19 {
			t.Fatalf("%d packets are held", st.Held)
		}
	})
}

// FuzzLaneRestore restores snapshots with one changed byte: Restore fails, or the lane works.
func FuzzLaneRestore(f *testing.F) {
	l := fuzzLane(f)
	recs := recordsOf(scanned(1), 64)
	for i := range recs {
		_ = l.Record(&recs[i])
	}
	whole := l.AppendState(nil)
	for _, at := range []uint32{0, 8, 16, 40, 100, 1000, uint32(len(whole)) - 9} {
		f.Add(at, uint64(1), uint32(len(whole)))
		f.Add(at, ^uint64(0), at+100)
	}
	f.Fuzz(func(_ *testing.T, at uint32, change uint64, cut uint32) {
		b := append([]byte(nil), whole[:min(int(cut), len(whole))]...)
		if at := int(at); at+8 <= len(b) {
			binary.LittleEndian.PutUint64(b[at:], binary.LittleEndian.Uint64(b[at:])^change)
		}
		_ = l.Restore(b)
		_ = l.Record(&recs[len(recs)-1])
		l.Release()
		l.Announce()
	})
}
