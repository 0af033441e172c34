package extent_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
)

// committed is what a random log contains: the offsets of its committed records, and the offset
// from which on an open transaction holds consumers back.
type committed struct {
	offsets []int64
	end     int64
}

// writeRandom writes plain records and transactions that are committed or aborted, and leaves the
// last transaction open.
func writeRandom(t *testing.T, c *client.Client, topic string, r *rand.Rand) (log committed) {
	t.Helper()
	tx := bustest.Transactional(t, c, "random")
	for i := range 12 {
		value := fmt.Sprint(i)
		if r.IntN(3) == 0 {
			rec := &kgo.Record{Topic: topic, Value: []byte(value)}
			bustest.Produce(t, c, rec)
			log.offsets = append(log.offsets, rec.Offset)
			continue
		}
		recs := bustest.Begin(t, tx, topic, 0, slices.Repeat([]string{value}, 1+r.IntN(3))...)
		how := kgo.TransactionEndTry(r.IntN(2) == 0)
		bustest.End(t, tx, how)
		if how {
			for _, rec := range recs {
				log.offsets = append(log.offsets, rec.Offset)
			}
		}
	}
	log.end = bustest.Begin(t, tx, topic, 0, "open")[0].Offset
	return log
}

// TestNext asks for the next record at every offset of a log with transactions, before and after
// records are removed.
func TestNext(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := bustest.StartBroker(t, "")
			c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
			topic := c.Config().Topics.Alerts
			k := extent.Key{Topic: topic}
			log := writeRandom(t, c, topic, rand.New(rand.NewPCG(seed, 5)))
			check := func(start int64) {
				t.Helper()
				for from := int64(0); from <= log.end; from++ {
					a, err := extent.Next(t.Context(), c.Immediate().Client(), k, from)
					if err != nil {
						t.Fatal(err)
					}
					want, record := log.end, false
					for _, o := range log.offsets {
						if o >= max(from, start) {
							want, record = o, true
							break
						}
					}
					if a.Next != want || a.Record != record || a.Start != start {
						t.Errorf("from offset %d of %d…%d: %+v, want offset %d, record %v", from, start, log.end, a, want, record)
					}
				}
			}
			check(0)
			spans, err := extent.List(t.Context(), c.Admin(), topic)
			if err != nil {
				t.Fatal(err)
			}
			if s := spans[k]; s.Start != 0 || s.End != log.end || !s.Open() {
				t.Errorf("span %+v, want 0…%d with an open transaction", s, log.end)
			}
			cut := log.end / 2
			if err := b.Cluster().DeleteRecords(topic, 0, cut); err != nil {
				t.Fatal(err)
			}
			check(cut)
		})
	}
}

func TestNextOfMissingPartition(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	for _, k := range []extent.Key{{Topic: "absent"}, {Topic: c.Config().Topics.Alerts, Partition: 7}} {
		if a, err := extent.Next(t.Context(), c.Immediate().Client(), k, 0); err == nil {
			t.Errorf("%v: %+v without an error", k, a)
		}
	}
	if _, err := extent.List(t.Context(), c.Admin(), "absent"); err == nil {
		t.Error("List of a missing topic returned no error")
	}
}
