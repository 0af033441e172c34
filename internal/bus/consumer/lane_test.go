package consumer_test

import (
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
)

// In a real group the partitions of a lane move to another member together, and packets
// published meanwhile are handled once and in order.
func TestLaneMovesBetweenMembers(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 3 })
	one := consumer.GroupConfig{Lanes: 1}
	a, b := bustest.NewCollector(), bustest.NewCollector()
	a.Unsafe, b.Unsafe = true, true
	_, stopA := bustest.Join(t, c, one, a)
	bustest.Publish(t, c, 0, 500)
	a.Until(t, "a has all", func() bool { return len(a.Packets) == 500 && len(a.Owned) == 3 })
	gb, _ := bustest.Join(t, c, one, b)
	bustest.Publish(t, c, 500, 1000)
	a.Until(t, "a still has all", func() bool { return len(a.Packets) == 1000 && len(a.Owned) == 3 })
	b.Mu.Lock()
	if len(b.Owned) != 0 || len(b.Packets) != 0 {
		t.Errorf("the standby member has %v and %d packets", b.Owned, len(b.Packets))
	}
	b.Mu.Unlock()
	if err := stopA(); err != nil {
		t.Fatal(err)
	}
	b.Until(t, "b has all", func() bool { return len(b.Owned) == 3 })
	bustest.Publish(t, c, 1000, 1500)
	if err := gb.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !gb.AtEnd(t.Context()) {
		t.Error("everything was read, but AtEnd is false")
	}
	bustest.CheckAll(t, append(slices.Clone(a.Packets), b.Packets...), 1500)
}
