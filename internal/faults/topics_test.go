package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/faults"
)

// dial creates a plain Kafka client.
func dial(t *testing.T, address string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append([]kgo.Opt{kgo.SeedBrokers(address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0)}, opts...)
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// produce writes records and waits until the broker has acknowledged them.
func produce(t *testing.T, cl *kgo.Client, records ...*kgo.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := cl.ProduceSync(ctx, records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// readAll returns all records of a topic, in the order of each partition.
func readAll(t *testing.T, address, topic string) (records []*kgo.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cl := dial(t, address, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	for len(left) > 0 {
		fetches := cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatalf("%s: %v, %v left", topic, err, left)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			records = append(records, r)
			if r.Offset >= left[r.Partition]-1 {
				delete(left, r.Partition)
			}
		})
	}
	return records
}

// waitMembers waits until the engines' group is stable with n members.
func waitMembers(t *testing.T, r *faults.Rig, n int) {
	t.Helper()
	adm := kadm.NewClient(dial(t, r.Address))
	faults.Eventually(t, time.Minute, "the members of the engines' group", func() bool {
		groups, err := adm.DescribeGroups(t.Context(), engineGroup)
		g := groups[engineGroup]
		return err == nil && g.Err == nil && len(g.Members) == n && (g.State == "Stable" || n == 0)
	})
}

const engineGroup = "netlyra-engine"
