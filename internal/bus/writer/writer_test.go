package writer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/writer"
)

const topic = "written"

// rig is a Writer and the results of its records.
type rig struct {
	*testing.T
	b  *bustest.Broker
	c  *client.Client
	w  *writer.Writer
	mu sync.Mutex

	settled []string // values, in the order of their results
	errs    map[string]error
}

func start(t *testing.T, change func(*writer.Config)) *rig {
	t.Helper()
	b := bustest.StartBroker(t, "")
	b.Cluster()
	r := &rig{T: t, b: b, errs: map[string]error{}}
	r.c = bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Topics.Alerts = topic })
	cfg := writer.Config{Settled: r.settle}
	if change != nil {
		change(&cfg)
	}
	w, err := r.c.NewWriter("test", 0, kgo.NoCompression(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.w = w
	t.Cleanup(w.Close)
	return r
}

func (r *rig) settle(rec *kgo.Record, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := string(rec.Value)
	r.settled = append(r.settled, v)
	r.errs[v] = err
}

func (r *rig) results() (settled []string, errs map[string]error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs = map[string]error{}
	for v, err := range r.errs {
		errs[v] = err
	}
	return slices.Clone(r.settled), errs
}

func (r *rig) produce(from, to int) {
	for i := from; i < to; i++ {
		r.w.Produce(r.Context(), &kgo.Record{Topic: topic, Value: fmt.Appendf(nil, "%03d", i)})
	}
}

func (r *rig) flush() {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 2*bustest.Soon)
	defer cancel()
	if err := r.w.Flush(ctx); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) admin(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) create() {
	r.Helper()
	_, err := r.c.Admin().CreateTopic(r.Context(), 1, 1, nil, topic)
	r.admin(err)
}

func (r *rig) delete() {
	r.Helper()
	_, err := r.c.Admin().DeleteTopics(r.Context(), topic)
	r.admin(err)
}

// log returns the values in the topic.
func (r *rig) log(n int) (values []string) {
	r.Helper()
	cl, err := r.c.NewKgo("reader", kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		r.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(r.Context(), bustest.Soon)
	defer cancel()
	for len(values) < n && ctx.Err() == nil {
		cl.PollFetches(ctx).EachRecord(func(rec *kgo.Record) { values = append(values, string(rec.Value)) })
	}
	return values
}

// want checks that the records from…to-1 succeeded once each, and are in the log in order.
func (r *rig) want(from, to int) {
	r.Helper()
	settled, errs := r.results()
	var values []string
	for i := from; i < to; i++ {
		v := fmt.Sprintf("%03d", i)
		values = append(values, v)
		n := 0
		for _, s := range settled {
			if s == v {
				n++
			}
		}
		if n != 1 || errs[v] != nil {
			r.Errorf("record %s has %d results, error %v", v, n, errs[v])
		}
	}
	if got := r.log(len(values)); !slices.Equal(got, values) {
		r.Errorf("the log has %v, want %v", got, values)
	}
}

// TestRefusedRecordsAreSentAgain refuses records as if the topic did not exist, until the client is
// replaced. They are sent again before later records, in order.
func TestRefusedRecordsAreSentAgain(t *testing.T) {
	var refusing atomic.Bool
	var replaced atomic.Int64
	r := start(t, func(cfg *writer.Config) {
		cfg.Reopened = func(take func() []*kgo.Record) []*kgo.Record {
			replaced.Add(1)
			refusing.Store(false)
			return take()
		}
	})
	r.produce(0, 3)
	r.flush()
	refusing.Store(true)
	r.b.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.UnknownTopicOrPartition, Count: -1, When: func(kmsg.Request) bool { return refusing.Load() }})
	old := r.w.Client()
	r.produce(3, 20)
	r.flush()
	r.want(0, 20)
	if replaced.Load() == 0 || r.w.Client() == old || r.w.Busy() {
		t.Errorf("replaced %d times, new client %v, busy %v", replaced.Load(), r.w.Client() != old, r.w.Busy())
	}
}

// TestReopenedDecidesWhatIsSent replaces a queued record in the hook.
func TestReopenedDecidesWhatIsSent(t *testing.T) {
	r := start(t, func(cfg *writer.Config) {
		cfg.Reopened = func(take func() []*kgo.Record) (list []*kgo.Record) {
			for _, rec := range take() {
				if string(rec.Value) != "001" {
					list = append(list, rec)
				}
			}
			return list
		}
	})
	r.delete()
	r.produce(0, 3)
	bustest.WaitFor(t, "the queue", r.w.Busy)
	r.create()
	r.flush()
	if got := r.log(2); !slices.Equal(got, []string{"000", "002"}) {
		t.Errorf("the log has %v", got)
	}
}

// TestRecreatedTopic buffers records while the topic does not exist.
func TestRecreatedTopic(t *testing.T) {
	r := start(t, nil)
	r.produce(0, 2)
	r.flush()
	r.delete()
	r.produce(2, 30)
	bustest.WaitFor(t, "the queue", r.w.Busy)
	r.produce(30, 40)
	r.create()
	r.flush()
	r.want(2, 40)
}

// TestRoom checks that Produce waits while the queue is full: until ctx ends, or there is room.
func TestRoom(t *testing.T) {
	r := start(t, func(cfg *writer.Config) { cfg.Queued = 100 })
	r.delete()
	r.produce(0, 1)
	bustest.WaitFor(t, "the queue", r.w.Busy)
	r.produce(1, 3) // 35 bytes each
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	bustest.WaitFor(t, "a full queue", func() bool {
		r.w.Produce(ended, &kgo.Record{Topic: topic, Value: []byte("none")})
		_, errs := r.results()
		return errors.Is(errs["none"], context.Canceled)
	})
	produced := make(chan struct{})
	go func() { defer close(produced); r.produce(3, 4) }()
	r.create()
	select {
	case <-produced:
	case <-time.After(bustest.Soon):
		t.Fatal("Produce still waits although the topic exists")
	}
	r.flush()
	settled, errs := r.results()
	for i := range 4 {
		if v := fmt.Sprintf("%03d", i); errs[v] != nil || !slices.Contains(settled, v) {
			t.Errorf("record %s: error %v, results %v", v, errs[v], settled)
		}
	}
}

// TestCloseSettlesTheQueue checks that each queued record fails once.
func TestCloseSettlesTheQueue(t *testing.T) {
	r := start(t, nil)
	r.delete()
	r.produce(0, 1)
	bustest.WaitFor(t, "the queue", r.w.Busy)
	r.produce(1, 10)
	r.w.Close()
	settled, errs := r.results()
	if len(settled) != 10 {
		t.Errorf("%d results of 10 records: %v", len(settled), settled)
	}
	for v, err := range errs {
		if err == nil {
			t.Errorf("record %s succeeded although its topic does not exist", v)
		}
	}
}

// limit lowers the largest batch that the topic accepts.
func (r *rig) limit(n int) {
	r.Helper()
	v := fmt.Sprint(n)
	_, err := r.c.Admin().AlterTopicConfigs(r.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "max.message.bytes", Value: &v}}, topic)
	r.admin(err)
}

func noise(n int) []byte {
	r, b := rand.New(rand.NewPCG(3, uint64(n))), make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestTooLargeRecordsAreSplit lowers the limit of the topic below the size of a record.
func TestTooLargeRecordsAreSplit(t *testing.T) {
	var most atomic.Int64
	r := start(t, func(cfg *writer.Config) {
		cfg.Split = func(rec *kgo.Record, n int) (parts []*kgo.Record) {
			most.Store(int64(n))
			for part := range slices.Chunk(rec.Value, max(n/2, 1)) {
				parts = append(parts, &kgo.Record{Topic: rec.Topic, Partition: rec.Partition, Value: part})
			}
			return parts
		}
	})
	r.produce(0, 1)
	r.flush()
	r.limit(4000)
	value := noise(20_000)
	r.w.Produce(t.Context(), &kgo.Record{Topic: topic, Value: value})
	r.flush()
	settled, errs := r.results()
	for v, err := range errs {
		if err != nil {
			t.Errorf("a part of %d bytes failed: %v", len(v), err)
		}
	}
	if most.Load() <= 0 || most.Load() > 4000 {
		t.Errorf("split into records of at most %d bytes, want at most 4000", most.Load())
	}
	if got := r.log(len(settled)); !bytes.Equal([]byte(join(got[1:])), value) {
		t.Errorf("%d parts do not make up the record", len(got)-1)
	}
}

func join(list []string) (all string) {
	for _, s := range list {
		all += s
	}
	return all
}

// TestTooLargeRecordFails checks that a record that cannot be split fails, and that later records
// are sent.
func TestTooLargeRecordFails(t *testing.T) {
	r := start(t, nil)
	r.produce(0, 1)
	r.flush()
	r.limit(4000)
	value := string(noise(20_000))
	r.w.Produce(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)})
	r.produce(1, 3)
	r.flush()
	if _, errs := r.results(); !errors.Is(errs[value], kerr.MessageTooLarge) {
		t.Errorf("the large record: %v", errs[value])
	}
	r.want(0, 3)
	if n := r.w.Batch(topic); n > 4000 {
		t.Errorf("batches of up to %d bytes, the topic accepts 4000", n)
	}
}

func TestCurable(t *testing.T) {
	for _, err := range []error{kerr.UnknownTopicID, kerr.UnknownTopicOrPartition, kerr.MessageTooLarge} {
		if !writer.Curable(fmt.Errorf("produce: %w", err)) {
			t.Errorf("%v is not curable", err)
		}
	}
	for _, err := range []error{kerr.TopicAuthorizationFailed, kerr.InvalidRecord, context.Canceled, nil} {
		if writer.Curable(err) {
			t.Errorf("%v is curable", err)
		}
	}
}

func TestFailures(t *testing.T) {
	var f writer.Failures
	if f.Err() != nil || f.Take() != nil {
		t.Error("the zero value has an error")
	}
	f.Add(kerr.InvalidRecord)
	f.Add(kerr.TopicAuthorizationFailed)
	if err := f.Err(); !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("Err: %v", err)
	}
	if err := f.Take(); !errors.Is(err, kerr.TopicAuthorizationFailed) || f.Err() != nil {
		t.Errorf("Take: %v, then %v", err, f.Err())
	}
}
