package consumer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models"
)

// writers produce plain records and transactions that are committed, aborted or left open,
// in random order, and remember what consumers must receive.
type writers struct {
	t     *testing.T
	c     *client.Client
	rng   *rand.Rand
	topic string
	short *kgo.Client // its transactions end at once
	long  *kgo.Client // its transactions stay open for a while
	open  []*kgo.Record
	n     int
	want  []*kgo.Record // committed records
}

func (w *writers) values() (partition int32, values []string) {
	for range 1 + w.rng.IntN(4) {
		w.n++
		values = append(values, fmt.Sprintf("%04d", w.n))
	}
	return w.rng.Int32N(2), values
}

// step performs one random action.
func (w *writers) step() {
	w.t.Helper()
	p, values := w.values()
	switch what := w.rng.IntN(10); {
	case what < 3:
		var rs []*kgo.Record
		for _, v := range values {
			rs = append(rs, &kgo.Record{Topic: w.topic, Key: []byte(v), Value: []byte(v)})
		}
		if err := w.c.Immediate().Client().ProduceSync(w.t.Context(), rs...).FirstErr(); err != nil {
			w.t.Fatal(err)
		}
		w.want = append(w.want, rs...)
	case what < 5:
		rs := bustest.Begin(w.t, w.short, w.topic, p, values...)
		bustest.End(w.t, w.short, kgo.TryCommit)
		w.want = append(w.want, rs...)
	case what < 7:
		bustest.Begin(w.t, w.short, w.topic, p, values...)
		bustest.End(w.t, w.short, kgo.TryAbort)
	case what < 8 && w.open == nil:
		w.open = bustest.Begin(w.t, w.long, w.topic, p, values...)
	case what < 9:
		w.close()
	}
}

// close ends the open transaction.
func (w *writers) close() {
	if w.open == nil {
		return
	}
	if w.rng.IntN(2) == 0 {
		bustest.End(w.t, w.long, kgo.TryAbort)
	} else {
		bustest.End(w.t, w.long, kgo.TryCommit)
		w.want = append(w.want, w.open...)
	}
	w.open = nil
}

// readable returns the values that can be read now: those between the start and the last
// stable offset.
func (w *writers) readable() (values []string) {
	spans, err := w.c.Spans(w.t.Context(), w.topic)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range w.want {
		if s := spans[extent.Key{Topic: w.topic, Partition: r.Partition}]; r.Offset >= s.Start && r.Offset < s.End {
			values = append(values, string(r.Value))
		}
	}
	return sorted(values)
}

// trim removes some of the records that the group has committed, as retention does.
func (w *writers) trim() {
	p := w.rng.Int32N(2)
	done := committedOf(w.t, w.c, w.topic, p)
	if done <= 0 {
		return
	}
	to := kadm.Offsets{}
	to.AddOffset(w.topic, p, w.rng.Int64N(done+1), -1)
	if _, err := w.c.Admin().DeleteRecords(w.t.Context(), to); err != nil {
		w.t.Fatal(err)
	}
}

// TestRandomTransactions: every bounded read returns exactly what is readable and ends; a
// group that is restarted in between, while the records that it has read are removed,
// handles every committed record once and counts none as lost.
func TestRandomTransactions(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
			w := &writers{t: t, c: c, rng: rand.New(rand.NewPCG(seed, 29)), topic: c.Config().Topics.Packets,
				short: bustest.Transactional(t, c, "short"), long: bustest.Transactional(t, c, "long")}
			var mu sync.Mutex
			var got []string
			handler := func() *bustest.Collector {
				h := bustest.NewCollector()
				h.OnRecord = func(r *models.Record) {
					mu.Lock()
					got = append(got, string(r.Value))
					mu.Unlock()
				}
				return h
			}
			g, stop := bustest.Join(t, c, consumer.GroupConfig{}, handler())
			for i := range 40 {
				w.step()
				switch {
				case i%7 == 6:
					if read, want := readAll(t, c, w.topic), w.readable(); !slices.Equal(read, want) {
						t.Fatalf("step %d: read %v, want %v", i, read, want)
					}
				case i%13 == 12:
					if err := stop(); err != nil {
						t.Fatal(err)
					}
					w.trim()
					g, stop = bustest.Join(t, c, consumer.GroupConfig{}, handler())
				case i%5 == 4:
					w.trim()
				}
			}
			w.close()
			bustest.WaitFor(t, "the group has its partitions", func() bool { return len(g.Positions()[w.topic]) == 2 })
			atRest(t, c, g, w.topic)
			mu.Lock()
			defer mu.Unlock()
			var want []string
			for _, r := range w.want {
				want = append(want, string(r.Value))
			}
			if !slices.Equal(sorted(got), sorted(want)) {
				t.Errorf("handled %v, want %v", got, want)
			}
			if n := lostBy(c, g, t, w.topic); n != 0 {
				t.Errorf("%v records are counted as removed unread", n)
			}
		})
	}
}
