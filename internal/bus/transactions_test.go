package bus

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models"
)

// transactional is a producer of some other program: NetLyra's own use no transactions.
func transactional(t testing.TB, c *Client, name string) *kgo.Client {
	t.Helper()
	cl, err := c.newKgo("tx-"+name, kgo.TransactionalID(testRun+"."+notInNames.ReplaceAllString(t.Name(), "_")+"."+name),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionTimeout(50*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// begin opens a transaction and writes values in it.
func begin(t testing.TB, cl *kgo.Client, topic string, partition int32, values ...string) []*kgo.Record {
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

// end commits a transaction, or aborts it. A cluster writes the markers after it has
// answered, so end waits until they are there.
func end(t testing.TB, cl *kgo.Client, how kgo.TransactionEndTry) {
	t.Helper()
	if err := cl.EndTransaction(t.Context(), how); err != nil {
		t.Fatal(err)
	}
	id, _ := cl.OptValue(kgo.TransactionalID).(string)
	for deadline := time.Now().Add(soon); ; {
		d, err := kadm.NewClient(cl).DescribeTransactions(t.Context(), id)
		if state := d[id].State; err == nil && (strings.HasPrefix(state, "Complete") || state == "Empty") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("transaction %s: %+v, %v", id, d[id], err)
		}
	}
}

// valuesOf collects the values that a reader is given.
type valuesOf struct{ list []string }

func (v *valuesOf) record(r *models.Record) error {
	v.list = append(v.list, string(r.Value))
	return nil
}

// soon is how long a read may take whose end has no record.
const soon = 10 * time.Second

// readAll reads a topic to its end in every bounded way that there is, which must agree.
func readAll(t *testing.T, c *Client, topic string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	var tailed, since valuesOf
	all := TailConfig{Topics: []string{topic}, From: From{Beginning: true}, ToEnd: true}
	if err := c.Tail(ctx, all, tailed.record); err != nil || ctx.Err() != nil {
		t.Fatalf("tail: %v %v", err, ctx.Err())
	}
	all.From = From{Time: time.Now().Add(-time.Hour)}
	if err := c.Tail(ctx, all, since.record); err != nil || ctx.Err() != nil {
		t.Fatalf("tail from a time: %v %v", err, ctx.Err())
	}
	slices.Sort(tailed.list)
	slices.Sort(since.list)
	if !slices.Equal(tailed.list, since.list) {
		t.Errorf("from the beginning %v, from a time %v", tailed.list, since.list)
	}
	spans, err := c.offsets(ctx, []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for k, s := range spans {
		if err := c.readPartition(ctx, topic, k.partition, s.Start, s.End, func(r *kgo.Record, _ int64) error {
			read = append(read, string(r.Value))
			return nil
		}); err != nil {
			t.Fatalf("read of partition %d: %v", k.partition, err)
		}
	}
	slices.Sort(read)
	if !slices.Equal(tailed.list, read) {
		t.Errorf("tail %v, read %v", tailed.list, read)
	}
	if topic == c.cfg.Topics.Packets {
		var again valuesOf
		from := map[int32]int64{}
		for k := range spans {
			from[k.partition] = -1
		}
		if err := c.ReplayPackets(ctx, from, again.record); err != nil {
			t.Fatalf("replay: %v", err)
		}
		slices.Sort(again.list)
		if !slices.Equal(tailed.list, again.list) {
			t.Errorf("tail %v, replay %v", tailed.list, again.list)
		}
	}
	return tailed.list
}

// committedOf is what a group has committed of a partition, -1 where nothing.
func committedOf(t *testing.T, c *Client, topic string, partition int32) int64 {
	t.Helper()
	all, err := c.adm.FetchOffsetsForTopics(t.Context(), c.cfg.EngineGroup, topic)
	if err != nil {
		return -1
	}
	if o, ok := all.Lookup(topic, partition); ok && o.Err == nil {
		return o.At
	}
	return -1
}

// atRest waits until the group rests at the ends of its logs: lag 0, and the ends
// committed.
func atRest(t *testing.T, c *Client, g *Group, topic string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if err := g.WaitCaughtUp(ctx); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		spans, err := c.offsets(ctx, []string{topic})
		if err != nil {
			t.Fatal(err)
		}
		behind := ""
		if !g.AtEnd(ctx) || !g.CaughtUp() { // the offset of an earlier member may be the end before this one has begun
			behind = "caught up, and not at the end"
		}
		for k, s := range spans {
			if at := committedOf(t, c, topic, k.partition); s.High > s.Start && at != s.High {
				behind = fmt.Sprintf("partition %d: %d is committed, the log is %+v", k.partition, at, s)
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

// lostBy is how many records are said to be removed before they were read.
func lostBy(c *Client, g *Group, t *testing.T, topic string) float64 {
	return counter(t, c.metrics.lost.WithLabelValues(topic, g.cfg.Group))
}

// TestEndsWithoutRecord: logs whose last offsets carry no record. Every reader gets what
// was committed, ends at once, rests with lag 0, and calls nothing lost; also after a
// restart, and when more comes.
func TestEndsWithoutRecord(t *testing.T) {
	type step func(t *testing.T, c *Client, topic string, a, b *kgo.Client)
	plain := func(values ...string) step {
		return func(t *testing.T, c *Client, topic string, _, _ *kgo.Client) { produceRaw(t, c, topic, values...) }
	}
	tx := func(how kgo.TransactionEndTry, values ...string) step {
		return func(t *testing.T, _ *Client, topic string, a, _ *kgo.Client) {
			begin(t, a, topic, 0, values...)
			end(t, a, how)
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
		"one within the span of the other": {[]step{func(t *testing.T, _ *Client, topic string, a, b *kgo.Client) {
			begin(t, a, topic, 0, "a1")
			begin(t, b, topic, 0, "b1")
			end(t, a, kgo.TryAbort)
			end(t, b, kgo.TryCommit)
		}}, []string{"b1"}},
		"more than a fetch is aborted": {[]step{plain("p"), tx(kgo.TryAbort, strings.Repeat("x", 400<<10), strings.Repeat("y", 400<<10), strings.Repeat("z", 400<<10))}, []string{"p"}},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			c := dial(t, broker(t, "").Addr(), Deps{}, nil)
			a, b := transactional(t, c, "a"), transactional(t, c, "b")
			for _, topic := range []string{c.cfg.Topics.Packets, c.cfg.Topics.Alerts} {
				h := newCollector()
				var got []string
				h.onRecord = func(r *models.Record) { got = append(got, string(r.Value)) }
				for _, s := range x.steps {
					s(t, c, topic, a, b)
				}
				if read := readAll(t, c, topic); !slices.Equal(read, x.want) {
					t.Fatalf("read %v, want %v", read, x.want)
				}
				cfg := GroupConfig{Topics: []string{topic}}
				g, stop := join(t, c, cfg, h)
				h.until(t, "assigned", func() bool { return len(h.owned) == 1 })
				atRest(t, c, g, topic)
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				g, stop = join(t, c, cfg, h)
				h.until(t, "assigned again", func() bool { return h.assigned == 2 && len(h.owned) == 1 })
				atRest(t, c, g, topic)
				produceRaw(t, c, topic, "more")
				atRest(t, c, g, topic)
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				slices.Sort(got)
				if want := sorted(append(slices.Clone(x.want), "more")); !slices.Equal(got, want) {
					t.Errorf("handled %v, want %v", got, want)
				}
				if n := lostBy(c, g, t, topic); n != 0 {
					t.Errorf("%v records are said to be removed by retention", n)
				}
			}
		})
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }

// TestOpenTransaction: a bounded read ends where the transaction begins, also right behind
// records that were aborted; who waits for what lies behind it waits, and says why.
func TestOpenTransaction(t *testing.T) {
	var log strings.Builder
	c := dial(t, broker(t, "").Addr(), Deps{Log: textLog(&log)}, nil)
	topic := c.cfg.Topics.Packets
	a, b := transactional(t, c, "a"), transactional(t, c, "b")
	produceRaw(t, c, topic, "before")
	begin(t, b, topic, 0, "aborted")
	open := begin(t, a, topic, 0, "open")[0].Offset
	end(t, b, kgo.TryAbort) // its marker lies behind the last stable offset
	produceRaw(t, c, topic, "behind")
	if got := readAll(t, c, topic); !slices.Equal(got, []string{"before"}) {
		t.Errorf("read %v while a transaction is open", got)
	}
	if !strings.Contains(log.String(), "code="+extent.CodeOpenTransaction) {
		t.Errorf("the reads ended there and did not say why:\n%s", log.String())
	}
	h := newCollector()
	var got []string
	h.onRecord = func(r *models.Record) { got = append(got, string(r.Value)) }
	g, _ := join(t, c, GroupConfig{}, h)
	h.until(t, "what lies before the transaction", func() bool { return slices.Equal(got, []string{"before"}) })
	if err := g.WaitCaughtUp(withTimeout(t)); err == nil {
		t.Error("caught up although records lie behind an open transaction")
	}
	if g.AtEnd(t.Context()) {
		t.Error("at the end although records lie behind an open transaction")
	}
	if got := examine(t, c.cfg, Deps{}, c.cfg.EngineGroup); !strings.Contains(got, fmt.Sprintf("holds back the readers of %s/0 at offset %d", topic, open)) {
		t.Errorf("the doctor does not say it:\n%s", got)
	}
	spans, err := c.offsets(t.Context(), []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	said := func(spans map[partitionKey]extent.Span) error { // by health, when it has been so for a while
		var told error
		now, other := time.Now(), &Client{log: c.log, deps: Deps{Health: func(name string, err error) {
			if told = err; name != TransactionsComponent {
				t.Errorf("health of %s", name)
			}
		}}}
		for i := range 3 {
			other.open.observe(other, spans, now.Add(time.Duration(i)*openFor/2))
		}
		return told
	}
	if err := said(spans); err == nil || !strings.Contains(err.Error(), topic) {
		t.Errorf("health says %v", err)
	}
	end(t, a, kgo.TryCommit)
	atRest(t, c, g, topic)
	h.until(t, "all", func() bool { return slices.Equal(got, []string{"before", "open", "behind"}) })
	if spans, err = c.offsets(t.Context(), []string{topic}); err != nil {
		t.Fatal(err)
	}
	if err := said(spans); err != nil {
		t.Errorf("after its end health says %v", err)
	}
	if n := lostBy(c, g, t, topic); n != 0 {
		t.Errorf("%v records are said to be removed", n)
	}
}

// TestCompactionIsNoLoss: a group on a compacted topic, from its beginning and from
// offsets that compaction has removed since.
func TestCompactionIsNoLoss(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, nil)
	topic := c.cfg.Topics.Checkpoints
	tx := transactional(t, c, "a")
	write := func(n int) {
		for i := range n {
			begin(t, tx, topic, 0, fmt.Sprint("key", i%3))
			end(t, tx, []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort}[i%2])
		}
	}
	write(20)
	h := newCollector()
	h.start = 1
	cfg := GroupConfig{Topics: []string{topic}}
	compact(b)
	g, stop := join(t, c, cfg, h)
	h.until(t, "assigned", func() bool { return len(h.owned) == 1 })
	atRest(t, c, g, topic)
	write(20)
	compact(b)
	atRest(t, c, g, topic)
	if n := lostBy(c, g, t, topic); n != 0 {
		t.Errorf("%v records are said to be removed by retention", n)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	readAll(t, c, topic)
}

// TestCheckpointsAmongTransactions: whatever others write to the checkpoints topic, states
// are found, at once.
func TestCheckpointsAmongTransactions(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	tx := transactional(t, c, "a")
	noise := func() {
		for p := range int32(2) {
			for _, how := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
				begin(t, tx, c.cfg.Topics.Checkpoints, p, "not a checkpoint")
				end(t, tx, how)
			}
		}
	}
	noise()
	ctx, cancel := context.WithTimeout(t.Context(), 3*soon)
	defer cancel()
	if _, _, err := c.Checkpoints().Load(ctx, "g", 0); err == nil || ctx.Err() != nil {
		t.Fatalf("none: %v", err)
	}
	for i := range 4 {
		state := randomState(i * chunkBody)
		if err := c.Checkpoints().Save(ctx, "g", 0, int64(i), state); err != nil {
			t.Fatal(err)
		}
		noise()
		compact(b)
		o, got, err := c.Checkpoints().Load(ctx, "g", 0)
		if err != nil || o != int64(i) || len(got) != len(state) {
			t.Fatalf("checkpoint %d: offset %d, %d bytes, %v", i, o, len(got), err)
		}
	}
}

// TestRedriveAmongTransactions: dead letters with offsets between them that carry none are
// put back once each, and the note of the progress stays short.
func TestRedriveAmongTransactions(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	forgetRedrive(t, c)
	tx := transactional(t, c, "a")
	const n = 60
	for range n {
		letters(t, c, 1)
		begin(t, tx, c.cfg.Topics.DeadLetters, 0, "aborted")
		end(t, tx, kgo.TryAbort)
	}
	for _, x := range []struct {
		cfg  RedriveConfig
		want int
	}{{RedriveConfig{DryRun: true}, n}, {RedriveConfig{Limit: 7}, 7}, {RedriveConfig{}, n - 7}, {RedriveConfig{}, 0}, {RedriveConfig{DryRun: true}, 0}} {
		counts, err := c.Redrive(t.Context(), x.cfg)
		if err != nil || PutBack(counts) != x.want {
			t.Fatalf("%+v: %v, %v, want %d", x.cfg, counts, err, x.want)
		}
	}
	spans, err := c.offsets(t.Context(), []string{c.cfg.Topics.DeadLetters})
	if err != nil {
		t.Fatal(err)
	}
	at, err := c.loadRedrive(t.Context(), c.cfg.Topics.DeadLetters, 0)
	if s := spans[partitionKey{c.cfg.Topics.DeadLetters, 0}]; err != nil || at.next != s.High || len(at.done) > 0 {
		t.Errorf("progress %+v, %v; the log is %+v", at, err, s)
	}
}

// TestReplayIsOvertaken: what retention removes under a read is said, not left out.
func TestReplayIsOvertaken(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{Registerer: prometheus.NewRegistry()}, nil)
	topic := c.cfg.Topics.Packets
	produceRaw(t, c, topic, "0", "1", "2", "3")
	to := kadm.Offsets{}
	to.AddOffset(topic, 0, 2, -1)
	if _, err := c.adm.DeleteRecords(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	r := replay{topic: topic, at: extent.NewReading(), queues: map[int32]*replayQueue{0: {}}, fn: func(*models.Record) error { return nil }}
	r.at.Add(extent.Key{Topic: topic}, 1, 4) // as it was before
	var err error
	if r.log, err = c.readBounded("replay", r.at); err != nil {
		t.Fatal(err)
	}
	defer r.log.close()
	if err := r.run(t.Context()); err == nil || !strings.Contains(err.Error(), ErrRemoved.Error()) {
		t.Errorf("got %v", err)
	}
}
