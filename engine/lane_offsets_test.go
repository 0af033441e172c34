package engine

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// smallLane returns a lane with a small model, for tests of its offsets and its snapshot.
func smallLane(t testing.TB, lane int32, change func(*Config)) *Lane {
	t.Helper()
	cfg := laneConfig(4, 1)
	cfg.Trees, cfg.Depth, cfg.Lanes = 2, 3, 2
	if change != nil {
		change(&cfg)
	}
	l, err := NewLane(cfg, lane, func(*models.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// plainRecord is a JSON record without a sequence, as other tools write.
func plainRecord(partition int32, offset int64) *models.Record {
	m := models.PacketMeta{TS: models.Timestamp(1e18 + offset), Src: addr(10, 0, 0, 1), Dst: addr(10, 0, 0, 2), Proto: models.ProtoTCP, SrcPort: 1, DstPort: 2}
	return &models.Record{Topic: models.TopicPackets, Partition: partition, Offset: offset, Value: wire.AppendPacket(nil, &m)}
}

func TestLaneOutOfRange(t *testing.T) {
	cfg := laneConfig(4, 1)
	cfg.Trees, cfg.Depth, cfg.Lanes = 1, 1, 2
	for _, lane := range []int32{-1, 2, 1 << 30} {
		if _, err := NewLane(cfg, lane, func(*models.Alert) {}); err == nil {
			t.Errorf("lane %d of 2 returned no error", lane)
		}
	}
}

// TestOffsetsFollowRecords: each partition has its next offset; partitions of other lanes have
// none, and their records are errors that change nothing.
func TestOffsetsFollowRecords(t *testing.T) {
	l := smallLane(t, 1, nil)
	if len(l.Offsets()) != 0 || l.Offset(1) != -1 {
		t.Fatalf("offsets of a new lane: %v, %d", l.Offsets(), l.Offset(1))
	}
	for _, r := range []*models.Record{plainRecord(5, 10), plainRecord(1, 0), plainRecord(5, 11), plainRecord(1, 7)} {
		if err := l.Record(r); err != nil || l.Offset(r.Partition) != r.Offset+1 {
			t.Errorf("after offset %d of partition %d: next is %d, %v", r.Offset, r.Partition, l.Offset(r.Partition), err)
		}
	}
	if got := l.Offsets(); len(got) != 3 || got[1] != 8 || got[3] != -1 || got[5] != 12 {
		t.Errorf("offsets %v, want 8, -1 and 12 of partitions 1, 3 and 5", got)
	}
	before := l.Status()
	for _, p := range []int32{0, 2, -1, 1 << 20} {
		if err := l.Record(plainRecord(p, 1)); err == nil || l.Offset(p) != -1 || l.Passed(p, 0, 5) {
			t.Errorf("record of partition %d: %v, offset %d", p, err, l.Offset(p))
		}
	}
	if after := l.Status(); after != before {
		t.Errorf("records of other lanes changed the status from %+v to %+v", before, after)
	}
}

// TestPassedMovesForwardOnly lists from where a partition may advance without records.
func TestPassedMovesForwardOnly(t *testing.T) {
	for _, tt := range []struct {
		at, from, next int64
		moves          bool
	}{
		{-1, 0, 5, true}, {-1, 0, 0, false}, {-1, 1, 5, false}, {-1, -1, 5, false},
		{10, 10, 11, true}, {10, 10, 10, false}, {10, 10, 9, false}, {10, 9, 20, false}, {10, 11, 20, false}, {10, 0, 20, false},
	} {
		l := smallLane(t, 0, nil)
		if tt.at > 0 {
			if err := l.Record(plainRecord(2, tt.at-1)); err != nil {
				t.Fatal(err)
			}
		}
		want := l.Offset(2)
		if tt.moves {
			want = tt.next
		}
		if moved := l.Passed(2, tt.from, tt.next); moved != tt.moves || l.Offset(2) != want {
			t.Errorf("at %d, from %d to %d: moved %v to %d, want %v and %d", tt.at, tt.from, tt.next, moved, l.Offset(2), tt.moves, want)
		}
	}
}

// TestUnreadableRecordsCount: a record that cannot be read is an error, advances the offset,
// and is counted; the lane reads the next record.
func TestUnreadableRecordsCount(t *testing.T) {
	l := smallLane(t, 0, nil)
	good := plainRecord(0, 0).Value
	var e wire.PackedEncoder
	e.Append(&models.PacketMeta{TS: 1e18, Src: addr(10, 0, 0, 1), Dst: addr(10, 0, 0, 2)})
	packed := e.AppendTo(nil)
	for i, tt := range []struct {
		r     models.Record
		reads bool
	}{
		{models.Record{Value: good}, true},
		{models.Record{ContentType: models.ContentTypeJSON, Value: good}, true},
		{models.Record{ContentType: models.ContentTypePacked, Value: packed}, true},
		{models.Record{Value: nil}, false},
		{models.Record{Value: good[:len(good)-1]}, false},
		{models.Record{Value: packed}, false},
		{models.Record{ContentType: models.ContentTypePacked, Value: packed[:len(packed)-1]}, false},
		{models.Record{ContentType: models.ContentTypePacked, Value: good}, false},
		{models.Record{ContentType: "text/plain", Value: good}, false},
		{models.Record{ContentType: "application/JSON", Value: good}, false},
		{models.Record{Value: good, Unreadable: "compressed too often"}, false},
		{models.Record{ContentType: models.ContentTypeTick}, true},
	} {
		before := l.Status().Unreadable
		tt.r.Offset = int64(i)
		err := l.Record(&tt.r)
		if (err == nil) != tt.reads || l.Offset(0) != int64(i)+1 {
			t.Errorf("record %d (%s): %v, next offset %d", i, tt.r.ContentType, err, l.Offset(0))
		}
		if counted := l.Status().Unreadable - before; (counted == 1) == tt.reads {
			t.Errorf("record %d (%s): %d counted as unreadable", i, tt.r.ContentType, counted)
		}
		if tt.r.Unreadable != "" && (err == nil || err.Error() != tt.r.Unreadable) {
			t.Errorf("error %v, want the reason of the consumer", err)
		}
	}
	if err := l.Record(&models.Record{ContentType: strings.Repeat("x", 1000)}); err == nil || len(err.Error()) > 200 {
		t.Errorf("error of a long content type: %v", err)
	}
}

// TestTopicRecreated: a topic with another id starts at its first offset with the same model;
// an unknown id changes nothing.
func TestTopicRecreated(t *testing.T) {
	first, second := [16]byte{1}, [16]byte{2}
	l := smallLane(t, 0, nil)
	for _, step := range []struct {
		topic     [16]byte
		recreated bool
		offset    int64
	}{
		{[16]byte{}, false, 10}, {first, false, 10}, {first, false, 10}, {[16]byte{}, false, 10}, {second, true, 0}, {second, false, 10}, {first, true, 0},
	} {
		if err := l.Record(plainRecord(0, 9)); err != nil {
			t.Fatal(err)
		}
		packets := l.Status().Packets
		if got := l.Begin(0, step.topic); got != step.recreated || l.Offset(0) != step.offset || l.Status().Packets != packets {
			t.Errorf("topic %x: recreated %v, offset %d, %d packets; want %v, %d, %d", step.topic[0], got, l.Offset(0), l.Status().Packets, step.recreated, step.offset, packets)
		}
		if l.Offset(2) > 0 {
			t.Errorf("offset %d of a partition without records", l.Offset(2))
		}
	}
}

// trainedLane returns a lane with packets, waiting packets and offsets.
func trainedLane(t testing.TB, change func(*Config)) *Lane {
	t.Helper()
	l := smallLane(t, 0, change)
	l.Begin(0, [16]byte{9})
	tr := newTraffic(3)
	tr.office(0, 20, 3)
	for i, m := range tr.sorted() {
		p := int32(i % 2 * 2)
		r := models.Record{Partition: p, Offset: int64(i / 2), Value: wire.AppendPacket(nil, &m),
			Sequence: models.Sequence{Producer: 7, Number: uint64(i / 2), Order: uint64(i)}}
		if err := l.Record(&r); err != nil {
			t.Fatal(err)
		}
	}
	if l.Status().Held == 0 {
		t.Fatal("no packet waits for a tick")
	}
	return l
}

// TestLaneSnapshotTruncated restores every prefix of a snapshot: each is rejected, the lane
// continues at the offsets that could be read, and is usable.
func TestLaneSnapshotTruncated(t *testing.T) {
	l := trainedLane(t, nil)
	b := l.AppendState(nil)
	want, again := l.Offsets(), smallLane(t, 0, nil)
	lengths := []int{len(b) - 1, len(b) - 2, len(b) - 9}
	for n := range min(len(b), 120) {
		lengths = append(lengths, n)
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		lengths = append(lengths, rnd.IntN(len(b)))
	}
	for _, n := range lengths {
		if err := again.Restore(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes returned no error", n, len(b))
		}
		for p, at := range again.Offsets() {
			if at != want[p] && at != -1 {
				t.Fatalf("%d of %d bytes: offset %d of partition %d, want %d", n, len(b), at, p, want[p])
			}
		}
		if s := again.Status(); s.Packets != 0 || s.Held != 0 || s.Unreadable != 0 {
			t.Fatalf("%d of %d bytes: the lane is not reset: %+v", n, len(b), s)
		}
	}
	if at := again.Offset(0); at > 0 {
		if err := again.Record(plainRecord(0, at)); err != nil || again.Status().Missing != 0 {
			t.Errorf("%v, %d packets missing after a rejected snapshot", err, again.Status().Missing)
		}
	}
	if err := again.Restore(b); err != nil {
		t.Fatalf("the whole snapshot after rejected ones: %v", err)
	}
	if !slices.Equal(again.AppendState(nil), b) {
		t.Error("the snapshot of a restored lane differs")
	}
}

// TestLaneSnapshotOfOtherConfig: a snapshot of another lane, number of lanes, seed or size of
// the trees is rejected.
func TestLaneSnapshotOfOtherConfig(t *testing.T) {
	b := trainedLane(t, nil).AppendState(nil)
	for name, change := range map[string]func(*Config){
		"lanes":  func(c *Config) { c.Lanes = 3 },
		"seed":   func(c *Config) { c.Seed++ },
		"trees":  func(c *Config) { c.Trees++ },
		"depth":  func(c *Config) { c.Depth++ },
		"window": func(c *Config) { c.Window *= 2 },
	} {
		if err := smallLane(t, 0, change).Restore(b); err == nil {
			t.Errorf("a snapshot of other %s was restored", name)
		}
	}
	if err := smallLane(t, 1, nil).Restore(b); err == nil {
		t.Error("a snapshot of another lane was restored")
	}
	for name, change := range map[string]func(*Config){
		"threshold": func(c *Config) { c.Threshold = 0.9 }, "alerts per day": func(c *Config) { c.AlertsPerDay = 5 }, "partitions": func(c *Config) { c.TopicPartitions = 16 },
	} {
		if err := smallLane(t, 0, change).Restore(b); err != nil {
			t.Errorf("a snapshot with other %s: %v", name, err)
		}
	}
	if err := smallLane(t, 0, nil).Restore(append(slices.Clone(b), 0)); err == nil {
		t.Error("bytes after the end of the snapshot returned no error")
	}
}

// TestLaneSnapshotDamaged flips bits: Restore may reject the snapshot or accept another value,
// but it must not panic, and the lane is usable in both cases.
func TestLaneSnapshotDamaged(t *testing.T) {
	b := trainedLane(t, nil).AppendState(nil)
	rnd := rand.New(rand.NewPCG(1, 2))
	l, rejected := smallLane(t, 0, nil), 0
	for i := range 120 {
		damaged := slices.Clone(b)
		at := rnd.IntN(len(b))
		if i < 60 {
			at = i % 60
		}
		damaged[at] ^= 1 << rnd.IntN(8)
		if l.Restore(damaged) != nil {
			rejected++
		}
		next := max(l.Offset(0), 0)
		if next > 1<<40 {
			continue // a damaged offset
		}
		if err := l.Record(plainRecord(0, next)); err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		l.Release()
	}
	if rejected < 20 {
		t.Errorf("only %d of 120 damaged snapshots were rejected", rejected)
	}
}
