package packets_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// numbered returns by partition the places in the producer's order of its packets, and the
// number of ticks.
func numbered(t *testing.T, c *client.Client, producer uint64) (orders [][]uint64, ticks []int) {
	t.Helper()
	next := make([]uint64, c.Config().Partitions)
	orders, ticks = make([][]uint64, c.Config().Partitions), make([]int, c.Config().Partitions)
	err := consumer.Tail(t.Context(), c, consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}, func(r *models.Record) error {
		s, p := r.Sequence, r.Partition
		if producer != 0 && s.Producer != producer || s.Producer == 0 {
			return fmt.Errorf("unexpected producer %x", s.Producer)
		}
		if s.Number != next[p] {
			return fmt.Errorf("partition %d continues with number %d after %d packets", p, s.Number, next[p])
		}
		switch r.ContentType {
		case models.ContentTypeTick:
			ticks[p]++
			if n := len(orders[p]); n > 0 && orders[p][n-1] >= s.Order {
				return fmt.Errorf("tick at %d follows packet %d", s.Order, orders[p][n-1])
			}
			return nil
		case models.ContentTypePacked:
			return wire.DecodePackedOrdered(r.Value, func(_ *models.PacketMeta, behind uint64) error {
				orders[p] = append(orders[p], s.Order+behind)
				next[p]++
				return nil
			})
		}
		orders[p] = append(orders[p], s.Order)
		next[p]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return orders, ticks
}

func TestPacketsAreNumbered(t *testing.T) {
	for _, encoding := range []string{client.EncodingJSON, client.EncodingPacked} {
		for _, partitions := range []int32{1, 3} {
			t.Run(fmt.Sprint(encoding, partitions), func(t *testing.T) {
				c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Encoding, c.Partitions = encoding, partitions })
				bustest.PublishAs(t, c, "office", 0, 500)
				orders, ticks := numbered(t, c, packets.ProducerID("office"))
				var all []uint64
				for p := range orders {
					if !slices.IsSorted(orders[p]) {
						t.Errorf("partition %d is not in order", p)
					}
					if partitions > 1 && ticks[p] == 0 || partitions == 1 && ticks[p] > 0 {
						t.Errorf("partition %d of %d has %d ticks", p, partitions, ticks[p])
					}
					all = append(all, orders[p]...)
				}
				slices.Sort(all)
				for i, o := range all {
					if o != uint64(i) {
						t.Fatalf("packet %d has place %d", i, o)
					}
				}
				if len(all) != 500 {
					t.Errorf("%d packets", len(all))
				}
			})
		}
	}
}

func TestProducerIDs(t *testing.T) {
	seen := map[uint64]string{0: "no producer"}
	for _, name := range []string{"", "", "a", "b"} {
		id := packets.ProducerID(name)
		if other, ok := seen[id]; ok {
			t.Errorf("producer %q has the id of %q", name, other)
		}
		seen[id] = name
	}
	if again := packets.ProducerID("a"); seen[again] != "a" {
		t.Error("the id of a named producer changed")
	}
}
