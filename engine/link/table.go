package link

import (
	"maps"
	"slices"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// table is a bounded map that drops its least recently used entry. It serves protocols with few
// messages, so that the search for that entry does not matter.
type table[V any] struct {
	entries map[uint64]*entry[V]
	most    int
}

type entry[V any] struct {
	used  models.Timestamp
	value V
}

func newTable[V any](most int) table[V] {
	return table[V]{entries: map[uint64]*entry[V]{}, most: most}
}

// get returns the value of a key, new and zero if it is unknown.
func (t *table[V]) get(key uint64, ts models.Timestamp) (v *V, fresh bool) {
	if e := t.entries[key]; e != nil {
		e.used = max(e.used, ts)
		return &e.value, false
	}
	if len(t.entries) >= t.most {
		t.shrink()
	}
	e := &entry[V]{used: ts}
	t.entries[key] = e
	return &e.value, true
}

// shrink removes the older half of the entries, so that a flood of keys costs little for each.
func (t *table[V]) shrink() {
	times := make([]models.Timestamp, 0, len(t.entries))
	for _, e := range t.entries {
		times = append(times, e.used)
	}
	slices.Sort(times)
	limit := times[len(times)/2]
	for k, e := range t.entries {
		if e.used <= limit {
			delete(t.entries, k)
		}
	}
}

// find returns the value of a key, nil if it is unknown.
func (t *table[V]) find(key uint64) *V {
	if e := t.entries[key]; e != nil {
		return &e.value
	}
	return nil
}

func (t *table[V]) fields(c *state.Codec, value func(*V, *state.Codec)) {
	n := c.Len(len(t.entries), t.most)
	if !c.Reading() {
		for _, k := range slices.Sorted(maps.Keys(t.entries)) {
			key, e := k, t.entries[k]
			c.U64(&key)
			c.I64((*int64)(&e.used))
			value(&e.value, c)
		}
		return
	}
	t.entries = map[uint64]*entry[V]{}
	for range n {
		var key uint64
		e := new(entry[V])
		c.U64(&key)
		c.I64((*int64)(&e.used))
		value(&e.value, c)
		t.entries[key] = e
	}
}
