package client

import (
	"maps"
	"slices"
)

// ClientIDs returns the ids of the franz-go clients whose metrics are registered.
func ClientIDs(c *Client) []string {
	c.metrics.mu.Lock()
	defer c.metrics.mu.Unlock()
	return slices.Sorted(maps.Keys(c.metrics.used))
}
