package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/wire"
)

// sent returns the log of one producer: a list of records for each partition, keyed by
// originator, with ticks. per is the maximum number of packets of a record.
func sent(list []models.PacketMeta, partitions int32, per int) [][]models.Record {
	const producer, every = 77, 150
	logs := make([][]models.Record, partitions)
	numbers, encs := make([]uint64, partitions), make([]wire.PackedEncoder, partitions)
	put := func(p int32, r models.Record) {
		r.Topic, r.Partition, r.Offset = models.TopicPackets, p, int64(len(logs[p]))
		logs[p] = append(logs[p], r)
	}
	ship := func(p int32) {
		e := &encs[p]
		if e.Len() == 0 {
			return
		}
		put(p, models.Record{ContentType: models.ContentTypePacked, Value: e.AppendTo(nil),
			Sequence: models.Sequence{Producer: producer, Number: numbers[p], Order: e.First()}})
		numbers[p] += uint64(e.Len())
		e.Reset()
	}
	for i := range list {
		p := wire.PartitionOf(wire.AppendKey(nil, &list[i]), partitions)
		if per == 1 {
			put(p, models.Record{Value: wire.AppendPacket(nil, &list[i]), Sequence: models.Sequence{Producer: producer, Number: numbers[p], Order: uint64(i)}})
			numbers[p]++
		} else if encs[p].AppendOrdered(&list[i], uint64(i)); encs[p].Len() == per {
			ship(p)
		}
		if i%every == every-1 || i == len(list)-1 {
			for p := range partitions {
				ship(p)
				put(p, models.Record{ContentType: models.ContentTypeTick, Sequence: models.Sequence{Producer: producer, Number: numbers[p], Order: uint64(i + 1)}})
			}
		}
	}
	return logs
}

func laneConfig(partitions int32, every int) Config {
	cfg := DefaultConfig()
	cfg.TopicPartitions, cfg.CheckpointRecords = partitions, every
	return cfg
}

// alertsOf returns the alerts of a lane that receives the packets in order.
func alertsOf(t *testing.T, list []models.PacketMeta) map[string]models.Alert {
	t.Helper()
	out := map[string]models.Alert{}
	p := pipeline(t, out)
	for i := range list {
		p.Packet(&list[i])
	}
	p.Flush()
	if len(out) == 0 {
		t.Fatal("no alerts to compare")
	}
	return out
}

func TestOneModelForAnyPartitions(t *testing.T) {
	list := scanned(7)
	want := alertsOf(t, list)
	for _, partitions := range []int32{1, 2, 3, 8} {
		for _, per := range []int{1, 32} {
			logs := sent(list, partitions, per)
			got := map[string]models.Alert{}
			l, err := NewLane(laneConfig(partitions, 1), 0, func(a *models.Alert) { got[a.ID] = *a })
			if err != nil {
				t.Fatal(err)
			}
			rnd := rand.New(rand.NewPCG(uint64(partitions), uint64(per)))
			for slices.ContainsFunc(logs, func(l []models.Record) bool { return len(l) > 0 }) {
				p := rnd.IntN(len(logs))
				for range min(rnd.IntN(300), len(logs[p])) {
					if err := l.Record(&logs[p][0]); err != nil {
						t.Fatal(err)
					}
					logs[p] = logs[p][1:]
				}
			}
			l.Flush()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%d partitions, %d packets per record: alerts differ:\n%s", partitions, per, d)
			}
			if st := l.Status(); st.Packets != uint64(len(list)) || st.Held != 0 || st.Duplicates != 0 || st.Missing != 0 {
				t.Errorf("%d partitions: %+v", partitions, st)
			}
		}
	}
}

// deliver passes the records of each partition from its position on, a few at a time and in
// random order of the partitions, for up to n calls.
func deliver(t *testing.T, rnd *rand.Rand, e *Engine, logs [][]models.Record, at []int64, n int) {
	t.Helper()
	for range n {
		var open []int
		for p := range logs {
			if at[p] < int64(len(logs[p])) {
				open = append(open, p)
			}
		}
		if len(open) == 0 {
			return
		}
		p := open[rnd.IntN(len(open))]
		to := min(at[p]+int64(1+rnd.IntN(120)), int64(len(logs[p])))
		if _, err := e.Records(context.Background(), models.TopicPackets, int32(p), logs[p][at[p]:to]); err != nil {
			t.Fatal(err)
		}
		at[p] = to
	}
}

// TestTakeover expects that engines that crash or hand over at any time neither lose nor repeat
// alerts, with one partition or several.
func TestTakeover(t *testing.T) {
	ctx, list := context.Background(), scanned(7)
	want := alertsOf(t, list)
	seeds := uint64(4)
	if testing.Short() { // as under the race detector, which makes each life twenty times as long
		seeds = 1
	}
	for _, partitions := range []int32{1, 3} {
		for seed := range seeds {
			rnd := rand.New(rand.NewPCG(seed, 5))
			logs, l := sent(list, partitions, 1), newLog()
			for last := false; !last; {
				reached := l.begin()
				e, err := New(laneConfig(partitions, 1+rnd.IntN(400)), Deps{Alerts: reached, Checkpoints: reached, NoCheckpoint: errNone})
				if err != nil {
					t.Fatal(err)
				}
				at := make([]int64, partitions)
				for p := range at {
					if at[p], err = e.Assigned(ctx, models.TopicPackets, int32(p)); err != nil {
						t.Fatal(err)
					}
					at[p] = max(at[p], 0)
				}
				deliver(t, rnd, e, logs, at, 10+rnd.IntN(60))
				last = true
				for p := range at {
					last = last && at[p] == int64(len(logs[p]))
				}
				if last || rnd.IntN(2) == 0 {
					revokeAll(t, e, rnd, at)
				}
			}
			if d := cmp.Diff(want, l.alerts); d != "" {
				t.Errorf("%d partitions, seed %d: alerts differ:\n%s", partitions, seed, d)
			}
		}
	}
}

// revokeAll revokes the partitions one by one while records still arrive.
func revokeAll(t *testing.T, e *Engine, rnd *rand.Rand, at []int64) {
	t.Helper()
	stands := slices.Clone(at)
	for i, p := range rnd.Perm(len(at)) {
		safe, err := e.Revoked(context.Background(), models.TopicPackets, int32(p))
		if err != nil || safe > stands[p] {
			t.Fatalf("partition %d, revoked as number %d: safe %d of %d, %v", p, i, safe, stands[p], err)
		}
		if len(e.Statuses()) > 0 && i+1 < len(at) {
			if _, err := e.Records(context.Background(), models.TopicPackets, int32(rnd.IntN(len(at))), nil); err != nil && len(e.list()) > 0 {
				t.Fatal(err)
			}
		}
	}
	if len(e.list()) != 0 {
		t.Error("the engine still has the lane")
	}
}

// A rejected checkpoint resets the model; the lane continues at its offsets, and earlier
// packets are not missing.
func TestRejectedCheckpoint(t *testing.T) {
	list := scanned(7)
	logs := sent(list, 2, 1)
	l, err := NewLane(laneConfig(2, 1), 0, func(*models.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	for p := range logs {
		for i := range logs[p][:len(logs[p])/2] {
			if err := l.Record(&logs[p][i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	cfg := laneConfig(2, 1)
	cfg.Seed++
	other, err := NewLane(cfg, 0, func(*models.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Restore(l.AppendState(nil)); err == nil || !strings.Contains(err.Error(), "seed") {
		t.Fatalf("Restore accepted another seed: %v", err)
	}
	for p := range logs {
		at := other.Offset(int32(p))
		if at != int64(len(logs[p])/2) {
			t.Fatalf("partition %d starts at %d, want %d", p, at, len(logs[p])/2)
		}
		for i := range logs[p][at:] {
			if err := other.Record(&logs[p][at:][i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if st := other.Status(); st.Missing != 0 || st.Held != 0 || st.Packets == 0 {
		t.Errorf("%+v", st)
	}
}

func TestLanesShareThePartitions(t *testing.T) {
	cfg := laneConfig(7, 1)
	cfg.Lanes = 3
	if d := cmp.Diff([][]int32{{0, 3, 6}, {1, 4}, {2, 5}}, [][]int32{cfg.Partitions(0), cfg.Partitions(1), cfg.Partitions(2)}); d != "" {
		t.Error(d)
	}
	e, err := New(cfg, Deps{Alerts: newLog().begin(), Consume: (&obs.Ledger{}).Stage("consume")})
	if err != nil {
		t.Fatal(err)
	}
	for p := range int32(7) {
		if _, err := e.Assigned(context.Background(), models.TopicPackets, p); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(e.Statuses()); n != 3 {
		t.Errorf("%d models, want 3", n)
	}
	cfg.Lanes = 0
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "lanes") {
		t.Errorf("no lanes: %v", err)
	}
}
