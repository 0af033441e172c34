package bus

import (
	"maps"
	"testing"
)

// TestStaticMembership: a member that is started again under its name within the
// session has its partitions as before, and the other member hears nothing of it. The
// second one to be restarted is whichever leads the group, or the other.
func TestStaticMembership(t *testing.T) {
	b := broker(t, "")
	named := func(name string) *Client {
		return dial(t, b.Addr(), Deps{}, func(c *Config) { c.Partitions, c.InstanceID = 4, name })
	}
	ca, cb := named("one"), named("two")
	ha, hb := newCollector(), newCollector()
	_, stopA := join(t, ca, GroupConfig{}, ha)
	ha.until(t, "one has everything", func() bool { return len(ha.owned) == 4 })
	_, stopB := join(t, cb, GroupConfig{}, hb)
	hb.until(t, "two has its share", func() bool { return len(hb.owned) == 2 })
	ha.until(t, "one has given it", func() bool { return len(ha.owned) == 2 })
	publish(t, ca, 0, 400)
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
		again := newCollector()
		g, stopAgain := join(t, c, GroupConfig{}, again)
		again.until(t, who+" has its partitions again", func() bool { return maps.Equal(again.owned, had) })
		publish(t, ca, 400, 500)
		if err := g.WaitCaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(owned(other), otherHas) || revoked(other) != otherRevoked || assignments(other) != otherCame {
			t.Errorf("the restart of %s was felt by the other member: %d revocations, %d assignments", who, revoked(other)-otherRevoked, assignments(other)-otherCame)
		}
		if who == "one" {
			ha, stopA = again, stopAgain
		}
	}
}

func owned(c *collector) map[int32]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.owned)
}

func revoked(c *collector) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revoked
}

func assignments(c *collector) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.assigned
}
