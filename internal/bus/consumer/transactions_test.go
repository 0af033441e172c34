package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/diagnose"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// valuesOf collects values of records.
type valuesOf struct{ list []string }

func (v *valuesOf) record(r *models.Record) error {
	v.list = append(v.list, string(r.Value))
	return nil
}

// readAll reads a topic to its end with each kind of bounded read, which must agree.
func readAll(t *testing.T, c *client.Client, topic string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bustest.Soon)
	defer cancel()
	var tailed, since valuesOf
	all := consumer.TailConfig{Topics: []string{topic}, From: consumer.From{Beginning: true}, ToEnd: true}
	if err := consumer.Tail(ctx, c, all, tailed.record); err != nil || ctx.Err() != nil {
		t.Fatalf("tail: %v %v", err, ctx.Err())
	}
	all.From = consumer.From{Time: time.Now().Add(-time.Hour)}
	if err := consumer.Tail(ctx, c, all, since.record); err != nil || ctx.Err() != nil {
		t.Fatalf("tail from a time: %v %v", err, ctx.Err())
	}
	slices.Sort(tailed.list)
	slices.Sort(since.list)
	if !slices.Equal(tailed.list, since.list) {
		t.Errorf("from the beginning %v, from a time %v", tailed.list, since.list)
	}
	spans, err := c.Spans(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for k, s := range spans {
		if err := c.ReadPartition(ctx, extent.Key{Topic: topic, Partition: k.Partition}, s.Start, s.End, func(r *kgo.Record, _ int64) error {
			read = append(read, string(r.Value))
			return nil
		}); err != nil {
			t.Fatalf("read of partition %d: %v", k.Partition, err)
		}
	}
	slices.Sort(read)
	if !slices.Equal(tailed.list, read) {
		t.Errorf("tail %v, read %v", tailed.list, read)
	}
	if topic == c.Config().Topics.Packets {
		var again valuesOf
		from := map[int32]int64{}
		for k := range spans {
			from[k.Partition] = -1
		}
		if err := consumer.ReplayPackets(ctx, c, from, again.record); err != nil {
			t.Fatalf("replay: %v", err)
		}
		slices.Sort(again.list)
		if !slices.Equal(tailed.list, again.list) {
			t.Errorf("tail %v, replay %v", tailed.list, again.list)
		}
	}
	return tailed.list
}

// committedOf returns the committed offset of a partition, -1 if there is none.
func committedOf(t *testing.T, c *client.Client, topic string, partition int32) int64 {
	t.Helper()
	all, err := c.Admin().FetchOffsetsForTopics(t.Context(), c.Config().EngineGroup, topic)
	if err != nil {
		return -1
	}
	if o, ok := all.Lookup(topic, partition); ok && o.Err == nil {
		return o.At
	}
	return -1
}

// atRest waits until the group is idle at the ends of its logs: lag 0, and the ends
// committed.
func atRest(t *testing.T, c *client.Client, g *consumer.Group, topic string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bustest.Soon)
	defer cancel()
	if err := g.WaitCaughtUp(ctx); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		spans, err := c.Spans(ctx, topic)
		if err != nil {
			t.Fatal(err)
		}
		behind := ""
		if !g.AtEnd(ctx) {
			behind = "caught up, but not at the end"
		}
		for k, s := range spans {
			if at := committedOf(t, c, topic, k.Partition); s.High > s.Start && at != s.High {
				behind = fmt.Sprintf("partition %d: %d is committed, the log is %+v", k.Partition, at, s)
			}
		}
		if lag := g.Lag()[topic]; lag != 0 {
			behind = fmt.Sprintf("lag %d", lag)
		}
		if behind == "" {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(behind)
		}
	}
}

// lostBy returns how many records are counted as removed unread.
func lostBy(c *client.Client, g *consumer.Group, t *testing.T, topic string) float64 {
	return bustest.Counter(t, c.Metrics().Lost.WithLabelValues(topic, g.GroupName()))
}

// TestEndsWithoutRecord: logs whose last offsets carry no record. Every reader returns the
// committed records, ends without delay, has lag 0 and counts nothing as lost; also after a
// restart, and when more records arrive.
func TestEndsWithoutRecord(t *testing.T) {
	type step func(t *testing.T, c *client.Client, topic string, a, b *kgo.Client)
	plain := func(values ...string) step {
		return func(t *testing.T, c *client.Client, topic string, _, _ *kgo.Client) {
			bustest.ProduceRaw(t, c, topic, values...)
		}
	}
	tx := func(how kgo.TransactionEndTry, values ...string) step {
		return func(t *testing.T, _ *client.Client, topic string, a, _ *kgo.Client) {
			bustest.Begin(t, a, topic, 0, values...)
			bustest.End(t, a, how)
		}
	}
	cases := map[string]struct {
		steps []step
		want  []string
	}{
		"plain, committed and aborted": {[]step{plain("p"), tx(kgo.TryCommit, "c"), tx(kgo.TryAbort, "a")}, []string{"c", "p"}},
		"committed last":               {[]step{plain("p"), tx(kgo.TryCommit, "c", "d")}, []string{"c", "d", "p"}},
		"aborted only":                 {[]step{tx(kgo.TryAbort, "a", "b", "c")}, nil},
		"aborted first":                {[]step{tx(kgo.TryAbort, "a"), plain("p")}, []string{"p"}},
		"many markers":                 {[]step{tx(kgo.TryCommit, "1"), tx(kgo.TryAbort, "x"), tx(kgo.TryCommit, "2"), tx(kgo.TryAbort, "y"), tx(kgo.TryAbort, "z")}, []string{"1", "2"}},
		"one within the span of the other": {[]step{func(t *testing.T, _ *client.Client, topic string, a, b *kgo.Client) {
			bustest.Begin(t, a, topic, 0, "a1")
			bustest.Begin(t, b, topic, 0, "b1")
			bustest.End(t, a, kgo.TryAbort)
			bustest.End(t, b, kgo.TryCommit)
		}}, []string{"b1"}},
		"more than a fetch is aborted": {[]step{plain("p"), tx(kgo.TryAbort, strings.Repeat("x", 400<<10), strings.Repeat("y", 400<<10), strings.Repeat("z", 400<<10))}, []string{"p"}},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
			a, b := bustest.Transactional(t, c, "a"), bustest.Transactional(t, c, "b")
			for _, topic := range []string{c.Config().Topics.Packets, c.Config().Topics.Alerts} {
				h := bustest.NewCollector()
				var got []string
				h.OnRecord = func(r *models.Record) { got = append(got, string(r.Value)) }
				for _, s := range x.steps {
					s(t, c, topic, a, b)
				}
				if read := readAll(t, c, topic); !slices.Equal(read, x.want) {
					t.Fatalf("read %v, want %v", read, x.want)
				}
				cfg := consumer.GroupConfig{Topics: []string{topic}}
				g, stop := bustest.Join(t, c, cfg, h)
				h.Until(t, "assigned", func() bool { return len(h.Owned) == 1 })
				atRest(t, c, g, topic)
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				g, stop = bustest.Join(t, c, cfg, h)
				h.Until(t, "assigned again", func() bool { return h.Assigns == 2 && len(h.Owned) == 1 })
				atRest(t, c, g, topic)
				bustest.ProduceRaw(t, c, topic, "more")
				atRest(t, c, g, topic)
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				slices.Sort(got)
				if want := sorted(append(slices.Clone(x.want), "more")); !slices.Equal(got, want) {
					t.Errorf("handled %v, want %v", got, want)
				}
				if n := lostBy(c, g, t, topic); n != 0 {
					t.Errorf("%v records are counted as removed", n)
				}
			}
		})
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }

// TestOpenTransaction: a bounded read ends at the first offset of an open transaction, also
// directly after aborted records; a group waits for it, which health reports.
func TestOpenTransaction(t *testing.T) {
	var log strings.Builder
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{Log: bustest.TextLog(&log)}, nil)
	topic := c.Config().Topics.Packets
	a, b := bustest.Transactional(t, c, "a"), bustest.Transactional(t, c, "b")
	bustest.ProduceRaw(t, c, topic, "before")
	bustest.Begin(t, b, topic, 0, "aborted")
	open := bustest.Begin(t, a, topic, 0, "open")[0].Offset
	bustest.End(t, b, kgo.TryAbort) // its marker follows the last stable offset
	bustest.ProduceRaw(t, c, topic, "behind")
	if got := readAll(t, c, topic); !slices.Equal(got, []string{"before"}) {
		t.Errorf("read %v while a transaction is open", got)
	}
	if !strings.Contains(log.String(), "event="+string(vocabulary.EventOpenTransaction)) {
		t.Errorf("the reads did not log why they ended:\n%s", log.String())
	}
	h := bustest.NewCollector()
	var got []string
	h.OnRecord = func(r *models.Record) { got = append(got, string(r.Value)) }
	g, _ := bustest.Join(t, c, consumer.GroupConfig{}, h)
	h.Until(t, "the records before the transaction", func() bool { return slices.Equal(got, []string{"before"}) })
	if err := g.WaitCaughtUp(withTimeout(t)); err == nil {
		t.Error("caught up although records follow an open transaction")
	}
	if g.AtEnd(t.Context()) {
		t.Error("at the end although records follow an open transaction")
	}
	var held []string
	diagnose.Run(t.Context(), diagnose.Request{Config: c.Config(), Groups: []string{c.Config().EngineGroup}}, func(f obs.Finding) {
		if f.Code == vocabulary.ConditionOpenTransaction {
			held = append(held, f.Detail)
		}
	})
	if len(held) != 1 || !strings.Contains(held[0], fmt.Sprintf("%s/0 at offset %d", topic, open)) {
		t.Errorf("diagnosis finds %q", held)
	}
	spans, err := c.Spans(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	var health error
	other := bustest.Dial(t, strings.Join(c.Config().Brokers, ","), client.Deps{Health: func(name string, err error) {
		if name == client.TransactionsComponent {
			health = err
		}
	}}, func(cfg *client.Config) { cfg.Topics = c.Config().Topics })
	reported := func(spans map[extent.Key]extent.Span) error { // by health, after 10 s
		now := time.Now()
		for i := range 3 {
			other.ObserveSpans(spans, now.Add(time.Duration(i)*5*time.Second))
		}
		return health
	}
	if err := reported(spans); err == nil || !strings.Contains(err.Error(), topic) {
		t.Errorf("health reports %v", err)
	}
	bustest.End(t, a, kgo.TryCommit)
	atRest(t, c, g, topic)
	h.Until(t, "all", func() bool { return slices.Equal(got, []string{"before", "open", "behind"}) })
	if spans, err = c.Spans(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	if err := reported(spans); err != nil {
		t.Errorf("after its end health reports %v", err)
	}
	if n := lostBy(c, g, t, topic); n != 0 {
		t.Errorf("%v records are counted as removed", n)
	}
}

// TestCompactionIsNoLoss: a group reads a compacted topic, from its beginning and from
// offsets that compaction has removed since.
func TestCompactionIsNoLoss(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
	topic := c.Config().Topics.Checkpoints
	tx := bustest.Transactional(t, c, "a")
	write := func(n int) {
		for i := range n {
			bustest.Begin(t, tx, topic, 0, fmt.Sprint("key", i%3))
			bustest.End(t, tx, []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort}[i%2])
		}
	}
	write(20)
	h := bustest.NewCollector()
	h.Start = 1
	cfg := consumer.GroupConfig{Topics: []string{topic}}
	b.Compact()
	g, stop := bustest.Join(t, c, cfg, h)
	h.Until(t, "assigned", func() bool { return len(h.Owned) == 1 })
	atRest(t, c, g, topic)
	write(20)
	b.Compact()
	atRest(t, c, g, topic)
	if n := lostBy(c, g, t, topic); n != 0 {
		t.Errorf("%v records are counted as removed", n)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	readAll(t, c, topic)
}

// TestReplayOvertakenByRetention checks that a replay reports the records that retention removes
// before they are read.
func TestReplayOvertakenByRetention(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{Registerer: prometheus.NewRegistry()}, nil)
	topic := c.Config().Topics.Packets
	bustest.ProduceRaw(t, c, topic, "0", "1", "2", "3")
	to := kadm.Offsets{}
	to.AddOffset(topic, 0, 2, -1)
	if _, err := c.Admin().DeleteRecords(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	at := extent.NewReading()
	at.Add(extent.Key{Topic: topic}, 1, 4) // offset 1 still existed when the read began
	err := consumer.ReplayOf(t.Context(), c, topic, at, func(*models.Record) error { return nil })
	if !errors.Is(err, consumer.ErrRemoved) {
		t.Errorf("got %v", err)
	}
}
