package faults_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
)

// redelivered returns the records of a partition as an unreliable network and a producer
// without idempotence would write them: reordered by up to reach positions, a fifth of them
// twice, some much later. Ticks stay between the packets that they cover and later ones.
func redelivered(records []*kgo.Record, reach int, rng *rand.Rand) (out []*kgo.Record) {
	for len(records) > 0 {
		n := 0
		for n < len(records) && n < reach && header(records[n], models.HeaderContentType) != models.ContentTypeTick {
			n++
		}
		part := append([]*kgo.Record(nil), records[:n]...)
		rng.Shuffle(n, func(i, j int) { part[i], part[j] = part[j], part[i] })
		for _, rec := range part {
			out = append(out, rec)
			if rng.IntN(5) == 0 {
				out = append(out, rec)
			}
		}
		if len(out) > 0 && rng.IntN(4) == 0 { // a duplicate of a much earlier record
			out = append(out, out[rng.IntN(len(out))])
		}
		records = records[n:]
		if n < reach && len(records) > 0 {
			out, records = append(out, records[0]), records[1:]
		}
	}
	return out
}

// TestDuplicatesAndReordering publishes the records of a replay again with their keys,
// headers and partitions, but many of them twice and out of order.
func TestDuplicatesAndReordering(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 0
	first := faults.New(t, cfg)
	if n := first.Published(first.Replay(ref.Capture, 0)); n != ref.Packets {
		t.Fatalf("%d packets were published of %d", n, ref.Packets)
	}
	parts := make([][]*kgo.Record, cfg.Partitions)
	for _, rec := range readAll(t, first.Address, models.TopicPackets) {
		if header(rec, models.HeaderSequence) == "" {
			t.Fatal("a packet without a number")
		}
		parts[rec.Partition] = append(parts[rec.Partition], rec)
	}

	second := faults.New(t, config())
	cl := dial(t, second.Address)
	rng := rand.New(rand.NewPCG(uint64(*seed), 3))
	for _, records := range parts {
		for _, rec := range redelivered(records, 64, rng) {
			again := &kgo.Record{Topic: rec.Topic, Partition: rec.Partition, Key: rec.Key, Value: rec.Value, Headers: rec.Headers}
			cl.Produce(t.Context(), again, func(_ *kgo.Record, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	if err := cl.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	second.Settle(ref.Packets)
	for _, e := range second.Engines {
		e.Stop(30 * time.Second)
	}
	second.CheckStored(ref)
	second.CheckProcesses()
}
