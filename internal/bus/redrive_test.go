package bus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// letters makes n dead letters of packets, every third for another reason.
func letters(t *testing.T, c *Client, n int) {
	t.Helper()
	for i := range n {
		reason := "cannot be parsed"
		if i%3 == 2 {
			reason = "unknown content type"
		}
		c.PublishDeadLetter(models.Record{Topic: c.cfg.Topics.Packets, Partition: int32(i % 2), Offset: int64(i),
			Key: []byte("10.0.0.1"), Value: fmt.Appendf(nil, "value %d", i), ContentType: "application/x-test"}, reason)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// redriveOf runs one redrive and gives its counts by result.
func redriveOf(t *testing.T, c *Client, cfg RedriveConfig) map[string]int {
	t.Helper()
	counts, err := c.Redrive(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, n := range counts {
		out[n.Result] += n.Records
	}
	return out
}

// backOn is what stands on the packets topic, value → times.
func backOn(t *testing.T, c *Client) map[string]int {
	t.Helper()
	out := map[string]int{}
	cfg := TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}
	if err := c.Tail(t.Context(), cfg, func(r *models.Record) error {
		out[string(r.Value)]++
		if string(r.Key) != "10.0.0.1" || r.ContentType != "application/x-test" || r.Redriven == 0 {
			t.Errorf("came back otherwise: %+v", r)
		}
		var i int32
		if _, err := fmt.Sscanf(string(r.Value), "value %d", &i); err == nil && r.Partition != i%2 {
			t.Errorf("%s came back to partition %d", r.Value, r.Partition)
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
		t.Errorf("%d records came back, want %d", len(got), n)
	}
	for v, times := range got {
		if times != 1 {
			t.Errorf("%s came back %d times", v, times)
		}
	}
}

// forgetRedrive leaves no note of the test on a cluster.
func forgetRedrive(t *testing.T, c *Client) {
	t.Cleanup(func() {
		_, _ = c.adm.DeleteOffsets(context.Background(), RedriveGroup, kadm.TopicsSet{c.cfg.Topics.DeadLetters: {0: {}}})
	})
}

func TestRedriveGoesOnWhereTheLastEnded(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	forgetRedrive(t, c)
	letters(t, c, 300)
	if got := redriveOf(t, c, RedriveConfig{DryRun: true}); got[RedriveWould] != 300 || len(backOn(t, c)) != 0 {
		t.Errorf("dry run: %v", got)
	}
	steps := []struct {
		cfg        RedriveConfig
		put, total int
	}{
		{RedriveConfig{Limit: 10}, 10, 10},
		{RedriveConfig{Reason: "content type"}, 97, 107}, // 100, three of them among the first ten
		{RedriveConfig{Reason: "content type"}, 0, 107},
		{RedriveConfig{Topic: c.cfg.Topics.Alerts}, 0, 107},
		{RedriveConfig{}, 193, 300},
		{RedriveConfig{}, 0, 300},
	}
	for i, s := range steps {
		if got := redriveOf(t, c, s.cfg); got[RedrivePutBack] != s.put {
			t.Errorf("call %d: %v, want %d put back", i, got, s.put)
		}
		once(t, backOn(t, c), s.total)
	}
	letters(t, c, 1)
	if got := redriveOf(t, c, RedriveConfig{}); got[RedrivePutBack] != 1 {
		t.Errorf("a new one: %v", got)
	}
	if got := redriveOf(t, c, RedriveConfig{All: true}); got[RedrivePutBack] != 301 {
		t.Errorf("all: %v", got)
	}
}

// TestRedriveCutOff: the process ends after it has put records back and before it has
// noted that. The next call finds them on the topic and leaves them out.
func TestRedriveCutOff(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	forgetRedrive(t, c)
	letters(t, c, 3*redriveBatch)
	cl, err := c.newProducer("redrive", 0, kgo.SnappyCompression(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	r := &redrive{c: c, cfg: RedriveConfig{From: c.cfg.Topics.DeadLetters, MaxTimes: 3}, cl: cl, began: time.Now(), parts: map[string]int32{c.cfg.Topics.Packets: 2}}
	r.at, err = c.loadRedrive(t.Context(), r.cfg.From, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.note(t.Context(), r.began); err != nil {
		t.Fatal(err)
	}
	dies := errors.New("dies")
	n := 0
	err = c.readPartition(t.Context(), r.cfg.From, 0, 0, 3*redriveBatch, func(rec *kgo.Record, _ int64) error {
		if n++; n > redriveBatch+50 {
			return dies
		}
		return r.letter(t.Context(), rec)
	})
	if !errors.Is(err, dies) {
		t.Fatal(err)
	}
	if err := r.flush(t.Context()); err != nil { // 50 that are on the topic and not noted
		t.Fatal(err)
	}
	got := redriveOf(t, c, RedriveConfig{})
	if got[RedriveBefore] != 50 || got[RedrivePutBack] != 2*redriveBatch-50 {
		t.Errorf("%v, want 50 put back before and %d now", got, 2*redriveBatch-50)
	}
	once(t, backOn(t, c), 3*redriveBatch)
}

func TestRedriveTellsTwoAtWork(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	forgetRedrive(t, c)
	letters(t, c, 1)
	r := &redrive{c: c, began: time.Now(), at: redriveProgress{topic: c.cfg.Topics.DeadLetters, stored: "none"}}
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

// TestRedriveDoesNotGoRound: a record that can never be read becomes a dead letter
// again and again, until its count reaches the limit.
func TestRedriveDoesNotGoRound(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	forgetRedrive(t, c)
	poison := newCollector()
	poison.onRecord = func(r *models.Record) { // as an engine does
		if string(r.Value) == "poison" {
			c.PublishDeadLetter(*r, "cannot be read")
		}
	}
	g, _ := join(t, c, GroupConfig{}, poison)
	produceRaw(t, c, c.cfg.Topics.Packets, "poison")
	for times := range 6 {
		if err := g.WaitCaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := redriveOf(t, c, RedriveConfig{})
		want := map[bool]string{true: RedrivePutBack, false: RedriveGivenUp}[times < 3]
		if times <= 3 && got[want] != 1 || times > 3 && len(got) != 0 {
			t.Errorf("round %d: %v", times, got)
		}
	}
	var counts []int
	cfg := TailConfig{Topics: []string{c.cfg.Topics.DeadLetters}, From: From{Beginning: true}, ToEnd: true}
	if err := c.Tail(t.Context(), cfg, func(r *models.Record) error {
		counts = append(counts, r.Letter.Redriven)
		if r.Letter.Reason != "cannot be read" || r.Letter.Topic != c.cfg.Topics.Packets || r.Letter.Offset != int64(len(counts)-1) {
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

// TestRedriveTrustsNobody: letters without origin, or with one that is not to be
// written to, are given up.
func TestRedriveTrustsNobody(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	forgetRedrive(t, c)
	produceRaw(t, c, c.cfg.Topics.DeadLetters, "no headers at all")
	for _, topic := range []string{c.cfg.Topics.Checkpoints, c.cfg.Topics.DeadLetters, "__consumer_offsets"} {
		c.PublishDeadLetter(models.Record{Topic: topic, Value: []byte("x")}, "r")
	}
	if err := c.prompt.Client().ProduceSync(t.Context(), &kgo.Record{Topic: c.cfg.Topics.DeadLetters, Value: []byte("x"), Headers: []kgo.RecordHeader{
		{Key: models.HeaderTopic, Value: []byte(c.cfg.Topics.Packets)}, {Key: models.HeaderRedriven, Value: []byte("-4")}}}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := redriveOf(t, c, RedriveConfig{}); got[RedriveNoOrigin] != 4 || got[RedriveGivenUp] != 1 || len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// TestLargestDeadLetter: what is as large as brokers allow, or was before it was
// uncompressed, is put aside too, with what there is room for, and is not put back.
func TestLargestDeadLetter(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	forgetRedrive(t, c)
	large := make([]byte, 4<<20)
	c.PublishDeadLetter(models.Record{Topic: c.cfg.Topics.Packets, Key: large, Value: large, ContentType: string(large)}, string(large))
	if err := c.FlushAlerts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := redriveOf(t, c, RedriveConfig{}); got[RedriveNotWhole] != 1 || len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// TestRanges compares ranges with a plain set.
func TestRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s ranges
		want := map[int64]bool{}
		for range rng.IntN(60) {
			o, n := rng.Int64N(40), rng.Int64N(max(1, rng.Int64N(6)))
			s.addAll(o, o+n)
			for i := range n + 1 {
				want[o+i] = true
			}
		}
		again, err := parseRanges(s.String())
		if len(s) > 0 && (err != nil || !slices.Equal(again, s)) {
			t.Fatalf("%s became %v: %v", s, again, err)
		}
		for o := range int64(40) {
			if s.has(o) != want[o] {
				t.Fatalf("%s has %d: %v", s, o, s.has(o))
			}
		}
		for i := 1; i < len(s); i++ {
			if s[i].from <= s[i-1].to+1 {
				t.Fatalf("%s could be shorter", s)
			}
		}
	}
	for _, bad := range []string{"x", "5-3", "1-2,2", "-1", "1,,2"} {
		if s, err := parseRanges(bad); err == nil {
			t.Errorf("%q became %v", bad, s)
		}
	}
}
