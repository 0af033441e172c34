package consumer_test

import (
	"maps"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
)

// TestStaticMembership: a member that restarts with its instance id within the session timeout
// keeps its partitions, and the other member is not affected. Both are restarted, so that
// one of them is the leader.
func TestStaticMembership(t *testing.T) {
	b := bustest.StartBroker(t, "")
	named := func(name string) *client.Client {
		return bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions, c.InstanceID = 4, name })
	}
	ca, cb := named("one"), named("two")
	ha, hb := bustest.NewCollector(), bustest.NewCollector()
	_, stopA := bustest.Join(t, ca, consumer.GroupConfig{}, ha)
	ha.Until(t, "one has everything", func() bool { return len(ha.Owned) == 4 })
	_, stopB := bustest.Join(t, cb, consumer.GroupConfig{}, hb)
	hb.Until(t, "two has its share", func() bool { return len(hb.Owned) == 2 })
	ha.Until(t, "one has given it", func() bool { return len(ha.Owned) == 2 })
	bustest.Publish(t, ca, 0, 400)
	for _, who := range []string{"one", "two"} {
		c, h, other, stop := ca, ha, hb, stopA
		if who == "two" {
			c, h, other, stop = cb, hb, ha, stopB
		}
		had := owned(h)
		otherHas, otherRevoked, otherCame := owned(other), revoked(other), assignments(other)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		again := bustest.NewCollector()
		g, stopAgain := bustest.Join(t, c, consumer.GroupConfig{}, again)
		again.Until(t, who+" has its partitions again", func() bool { return maps.Equal(again.Owned, had) })
		bustest.Publish(t, ca, 400, 500)
		if err := g.WaitCaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(owned(other), otherHas) || revoked(other) != otherRevoked || assignments(other) != otherCame {
			t.Errorf("the restart of %s affected the other member: %d revocations, %d assignments", who, revoked(other)-otherRevoked, assignments(other)-otherCame)
		}
		if who == "one" {
			ha, stopA = again, stopAgain
		}
	}
}

func owned(c *bustest.Collector) map[int32]bool {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return maps.Clone(c.Owned)
}

func revoked(c *bustest.Collector) int {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.Revokes
}

func assignments(c *bustest.Collector) int {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return c.Assigns
}
