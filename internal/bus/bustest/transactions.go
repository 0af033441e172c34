package bustest

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/record"
)

// Transactional returns a transactional producer, as other programs use; NetLyra has none.
func Transactional(t testing.TB, c *client.Client, name string) *kgo.Client {
	t.Helper()
	cl, err := c.NewKgo("tx-"+name, kgo.TransactionalID(uniqueName(t)+name),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionTimeout(50*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// Begin opens a transaction and produces values in it.
func Begin(t testing.TB, cl *kgo.Client, topic string, partition int32, values ...string) []*kgo.Record {
	t.Helper()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	var rs []*kgo.Record
	for _, v := range values {
		rs = append(rs, &kgo.Record{Topic: topic, Partition: partition, Key: []byte(v), Value: []byte(v)})
	}
	if err := cl.ProduceSync(t.Context(), rs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	return rs
}

// End commits or aborts a transaction. A cluster writes the markers after its answer, so
// End waits for them.
func End(t testing.TB, cl *kgo.Client, how kgo.TransactionEndTry) {
	t.Helper()
	if err := cl.EndTransaction(t.Context(), how); err != nil {
		t.Fatal(err)
	}
	id, _ := cl.OptValue(kgo.TransactionalID).(string)
	for deadline := time.Now().Add(Soon); ; {
		d, err := kadm.NewClient(cl).DescribeTransactions(t.Context(), id)
		if state := d[id].State; err == nil && (strings.HasPrefix(state, "Complete") || state == "Empty") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("transaction %s: %+v, %v", id, d[id], err)
		}
	}
}

// Bomb produces a batch of three records in a few kilobytes that is larger than
// record.MaxBatch uncompressed.
func Bomb(t testing.TB, c *client.Client, topic string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.Config().Brokers...), kgo.ProducerBatchCompression(kgo.ZstdCompression()),
		kgo.ProducerBatchMaxBytes(record.MaxBatch*5/4), kgo.ProducerLinger(time.Second), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	large, key := make([]byte, record.MaxBatch/2), []byte("bomb") // Kafka requires keys on a compacted topic
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Key: key, Value: large}, &kgo.Record{Key: key, Value: large}, &kgo.Record{Key: key, Value: []byte("last")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
