package features

// ways is the number of slots of a set. Their keys fill one cache line.
const ways = 8

// sets is a bounded hash table in sets of eight slots. In a full set a new entry replaces
// the least recently used one. Keys are 64-bit hashes; two items with the same hash would
// share a slot, with a probability of about n²/2^65 for n items.
type sets[V any] struct {
	keys    [][ways]uint64 // 0 marks a free slot
	used    [][ways]uint32
	vals    []V
	clock   uint32
	live    int
	evicted uint64 // entries that were replaced
}

// newSets returns a table of at least n slots, rounded up to a power of two.
func newSets[V any](n int) sets[V] {
	k := 1
	for k*ways < n {
		k *= 2
	}
	return sets[V]{keys: make([][ways]uint64, k), used: make([][ways]uint32, k), vals: make([]V, k*ways)}
}

// get returns the value of key. If key is new, fresh is true and the value is zero.
func (s *sets[V]) get(key uint64) (v *V, fresh bool) {
	if key == 0 {
		key = 1
	}
	set := int(key>>32) & (len(s.keys) - 1)
	s.tick()
	keys, used := &s.keys[set], &s.used[set]
	for i, k := range keys {
		if k == key {
			used[i] = s.clock
			return &s.vals[set*ways+i], false
		}
	}
	slot := 0
	for i := range used {
		if used[i] < used[slot] {
			slot = i
		}
	}
	if keys[slot] == 0 {
		s.live++
	} else {
		s.evicted++
	}
	keys[slot], used[slot] = key, s.clock
	v = &s.vals[set*ways+slot]
	var zero V
	*v = zero
	return v, true
}

// tick advances the clock of uses. Before it overflows, all stamps are halved, which keeps
// their order except for ties.
func (s *sets[V]) tick() {
	if s.clock++; s.clock < 1<<32-1 {
		return
	}
	s.clock >>= 1
	for i := range s.used {
		for j := range s.used[i] {
			s.used[i][j] >>= 1
		}
	}
}

func (s *sets[V]) reset() {
	clear(s.keys)
	clear(s.used)
	clear(s.vals)
	s.clock, s.live, s.evicted = 0, 0, 0
}
