package client

import "slices"

// PositionSource is a consumer of this process whose position producers take into
// account before it is committed.
type PositionSource interface {
	// GroupName is the consumer group.
	GroupName() string
	// Position returns the next offset to be handled; 0 before the first assignment, -1
	// if the partition belongs to another member. Any goroutine may call it.
	Position(topic string, partition int32) int64
}

// AddPositions registers a consumer of this process until remove is called.
func (c *Client) AddPositions(s PositionSource) (remove func()) {
	c.mu.Lock()
	c.sources = append(c.sources, s)
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.sources = slices.DeleteFunc(c.sources, func(o PositionSource) bool { return o == s })
		c.mu.Unlock()
	}
}

// Position returns the highest next offset among the members of a group in this process,
// -1 if none of them has the partition. A group before its first assignment is at 0.
func (c *Client) Position(group, topic string, partition int32) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	best := int64(-1)
	for _, s := range c.sources {
		if s.GroupName() == group {
			best = max(best, s.Position(topic, partition))
		}
	}
	return best
}
