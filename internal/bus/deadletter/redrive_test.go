package deadletter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models"
)

// letters publishes n dead letters of packets, every third with another reason.
func letters(t *testing.T, c *client.Client, n int) {
	t.Helper()
	for i := range n {
		reason := "cannot be parsed"
		if i%3 == 2 {
			reason = "unknown content type"
		}
		NewPublisher(c).PublishDeadLetter(models.Record{Topic: c.Config().Topics.Packets, Partition: int32(i % 2), Offset: int64(i),
			Key: []byte("10.0.0.1"), Value: fmt.Appendf(nil, "value %d", i), ContentType: "application/x-test"}, reason)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// redriveOf runs one redrive and returns its counts by result.
func redriveOf(t *testing.T, c *client.Client, cfg Config) map[string]int {
	t.Helper()
	counts, err := Redrive(t.Context(), c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, n := range counts {
		out[n.Result] += n.Records
	}
	return out
}

// redrivenRecords returns how often each value is on the packets topic.
func redrivenRecords(t *testing.T, c *client.Client) map[string]int {
	t.Helper()
	out := map[string]int{}
	cfg := consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}
	if err := consumer.Tail(t.Context(), c, cfg, func(r *models.Record) error {
		out[string(r.Value)]++
		if string(r.Key) != "10.0.0.1" || r.ContentType != "application/x-test" || r.Redriven == 0 {
			t.Errorf("redriven record differs: %+v", r)
		}
		var i int32
		if _, err := fmt.Sscanf(string(r.Value), "value %d", &i); err == nil && r.Partition != i%2 {
			t.Errorf("%s was redriven to partition %d", r.Value, r.Partition)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func once(t *testing.T, got map[string]int, n int) {
	t.Helper()
	if len(got) != n {
		t.Errorf("%d records were redriven, want %d", len(got), n)
	}
	for v, times := range got {
		if times != 1 {
			t.Errorf("%s was redriven %d times", v, times)
		}
	}
}

// forgetRedrive deletes the committed progress of the test from a shared cluster.
func forgetRedrive(t *testing.T, c *client.Client) {
	t.Cleanup(func() {
		_, _ = c.Admin().DeleteOffsets(context.Background(), Group, kadm.TopicsSet{c.Config().Topics.DeadLetters: {0: {}}})
	})
}

func TestRedriveContinues(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	forgetRedrive(t, c)
	letters(t, c, 300)
	if got := redriveOf(t, c, Config{DryRun: true}); got[ResultWould] != 300 || len(redrivenRecords(t, c)) != 0 {
		t.Errorf("dry run: %v", got)
	}
	steps := []struct {
		cfg        Config
		put, total int
	}{
		{Config{Limit: 10}, 10, 10},
		{Config{Reason: "content type"}, 97, 107}, // 100, three of them among the first ten
		{Config{Reason: "content type"}, 0, 107},
		{Config{Topic: c.Config().Topics.Alerts}, 0, 107},
		{Config{}, 193, 300},
		{Config{}, 0, 300},
	}
	for i, s := range steps {
		if got := redriveOf(t, c, s.cfg); got[ResultRedriven] != s.put {
			t.Errorf("call %d: %v, want %d redriven", i, got, s.put)
		}
		once(t, redrivenRecords(t, c), s.total)
	}
	letters(t, c, 1)
	if got := redriveOf(t, c, Config{}); got[ResultRedriven] != 1 {
		t.Errorf("a new dead letter: %v", got)
	}
	if got := redriveOf(t, c, Config{All: true}); got[ResultRedriven] != 301 {
		t.Errorf("all: %v", got)
	}
}

// TestRedriveInterrupted: a process dies after it redrove records and before it committed
// that. The next redrive finds them on the topic and skips them.
func TestRedriveInterrupted(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	forgetRedrive(t, c)
	letters(t, c, 3*redriveBatch)
	cl, err := c.NewProducer("redrive", 0, kgo.SnappyCompression(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	r := &redrive{c: c, cfg: Config{From: c.Config().Topics.DeadLetters, MaxTimes: 3}, cl: cl, began: time.Now(), parts: map[string]int32{c.Config().Topics.Packets: 2}}
	r.at, err = loadProgress(t.Context(), c, r.cfg.From, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.note(t.Context(), r.began); err != nil {
		t.Fatal(err)
	}
	dies := errors.New("dies")
	n := 0
	err = c.ReadPartition(t.Context(), extent.Key{Topic: r.cfg.From, Partition: 0}, 0, 3*redriveBatch, func(rec *kgo.Record, _ int64) error {
		if n++; n > redriveBatch+50 {
			return dies
		}
		return r.letter(t.Context(), rec)
	})
	if !errors.Is(err, dies) {
		t.Fatal(err)
	}
	if err := r.flush(t.Context()); err != nil { // 50 that are on the topic and not committed
		t.Fatal(err)
	}
	got := redriveOf(t, c, Config{})
	if got[ResultBefore] != 50 || got[ResultRedriven] != 2*redriveBatch-50 {
		t.Errorf("%v, want 50 redriven before and %d now", got, 2*redriveBatch-50)
	}
	once(t, redrivenRecords(t, c), 3*redriveBatch)
}

func TestConcurrentRedriveFails(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	forgetRedrive(t, c)
	letters(t, c, 1)
	r := &redrive{c: c, began: time.Now(), at: progress{topic: c.Config().Topics.DeadLetters, stored: "none"}}
	if err := r.note(t.Context(), r.began); err != nil {
		t.Fatal(err)
	}
	other := *r
	if err := r.note(t.Context(), r.began.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := other.note(t.Context(), r.began); err == nil || !strings.Contains(err.Error(), "another redrive") {
		t.Errorf("got %v", err)
	}
}

// TestRedriveEnds: a record that can never be processed becomes a dead letter again until it
// was redriven as often as allowed.
func TestRedriveEnds(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	forgetRedrive(t, c)
	poison := bustest.NewCollector()
	poison.OnRecord = func(r *models.Record) { // as an engine does
		if string(r.Value) == "poison" {
			NewPublisher(c).PublishDeadLetter(*r, "cannot be parsed")
		}
	}
	g, _ := bustest.Join(t, c, consumer.GroupConfig{}, poison)
	bustest.ProduceRaw(t, c, c.Config().Topics.Packets, "poison")
	for times := range 6 {
		if err := g.WaitCaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := redriveOf(t, c, Config{})
		want := map[bool]string{true: ResultRedriven, false: ResultTooOften}[times < 3]
		if times <= 3 && got[want] != 1 || times > 3 && len(got) != 0 {
			t.Errorf("round %d: %v", times, got)
		}
	}
	var counts []int
	cfg := consumer.TailConfig{Topics: []string{c.Config().Topics.DeadLetters}, From: consumer.From{Beginning: true}, ToEnd: true}
	if err := consumer.Tail(t.Context(), c, cfg, func(r *models.Record) error {
		counts = append(counts, r.Letter.Redriven)
		if r.Letter.Reason != "cannot be parsed" || r.Letter.Topic != c.Config().Topics.Packets || r.Letter.Offset != int64(len(counts)-1) {
			t.Errorf("letter %+v", r.Letter)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(counts, []int{0, 1, 2, 3}) {
		t.Errorf("redriven: %v", counts)
	}
}

// TestRedriveDiscards: dead letters without an origin, or whose origin must not be written
// to, are discarded.
func TestRedriveDiscards(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	forgetRedrive(t, c)
	bustest.ProduceRaw(t, c, c.Config().Topics.DeadLetters, "no headers at all")
	for _, topic := range []string{c.Config().Topics.Checkpoints, c.Config().Topics.DeadLetters, "__consumer_offsets"} {
		NewPublisher(c).PublishDeadLetter(models.Record{Topic: topic, Value: []byte("x")}, "r")
	}
	if err := c.Immediate().Client().ProduceSync(t.Context(), &kgo.Record{Topic: c.Config().Topics.DeadLetters, Value: []byte("x"), Headers: []kgo.RecordHeader{
		{Key: models.HeaderTopic, Value: []byte(c.Config().Topics.Packets)}, {Key: models.HeaderRedriven, Value: []byte("-4")}}}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := redriveOf(t, c, Config{}); got[ResultNoOrigin] != 4 || got[ResultTooOften] != 1 || len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// TestOversizedDeadLetters: a redrive discards an oversized batch like any dead letter without
// an origin.
func TestOversizedDeadLetters(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	bustest.Bomb(t, c, c.Config().Topics.DeadLetters)
	NewPublisher(c).PublishDeadLetter(models.Record{Topic: c.Config().Topics.Packets, Value: []byte("again")}, "tried")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := Redrive(t.Context(), c, Config{})
	if err != nil {
		t.Fatal(err)
	}
	put := 0
	for _, n := range counts {
		if n.Result == ResultRedriven {
			put += n.Records
		}
	}
	if put != 1 {
		t.Errorf("%+v", counts)
	}
}

// TestRedriveAmongTransactions: dead letters with offsets without a record between them are
// redriven once each, and the committed progress stays short.
func TestRedriveAmongTransactions(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	forgetRedrive(t, c)
	tx := bustest.Transactional(t, c, "a")
	const n = 60
	for range n {
		letters(t, c, 1)
		bustest.Begin(t, tx, c.Config().Topics.DeadLetters, 0, "aborted")
		bustest.End(t, tx, kgo.TryAbort)
	}
	for _, x := range []struct {
		cfg  Config
		want int
	}{{Config{DryRun: true}, n}, {Config{Limit: 7}, 7}, {Config{}, n - 7}, {Config{}, 0}, {Config{DryRun: true}, 0}} {
		counts, err := Redrive(t.Context(), c, x.cfg)
		if err != nil || Redriven(counts) != x.want {
			t.Fatalf("%+v: %v, %v, want %d", x.cfg, counts, err, x.want)
		}
	}
	spans, err := c.Spans(t.Context(), c.Config().Topics.DeadLetters)
	if err != nil {
		t.Fatal(err)
	}
	at, err := loadProgress(t.Context(), c, c.Config().Topics.DeadLetters, 0)
	if s := spans[extent.Key{Topic: c.Config().Topics.DeadLetters, Partition: 0}]; err != nil || at.next != s.High || len(at.done) > 0 {
		t.Errorf("progress %+v, %v; the log is %+v", at, err, s)
	}
}
