package conntrack

// wheel is a timing wheel of connections by deadline: a ring of buckets, one per tick, each a
// doubly linked list through the records. A connection beyond the range of the ring is in the
// last bucket and is linked again when that is due. Time only moves forward.
type wheel struct {
	heads [wheelSize]uint32 // record number plus 1
	tick  int64             // last tick that was processed
	count int
}

const (
	tickBits    = 28 // a tick is 2^28 ns, about 0.27 s
	wheelSize   = 2048
	bucketFlag  = 1 << 31 // a wheelPrev that names a bucket, not a record
	wheelsReach = wheelSize - 1
)

func tickOf(ts int64) int64 { return ts >> tickBits }

// link adds a record to the bucket of its deadline.
func (w *wheel) link(s *slab, ref uint32) {
	c := s.conn(ref)
	tick := min(max(tickOf(c.deadline)+1, w.tick+1), w.tick+wheelsReach)
	b := uint32(tick & (wheelSize - 1))
	c.wheelPrev = bucketFlag | b
	c.wheelNext = w.heads[b]
	if c.wheelNext != 0 {
		s.conn(c.wheelNext - 1).wheelPrev = ref + 1
	}
	w.heads[b] = ref + 1
	w.count++
}

func (w *wheel) unlink(s *slab, ref uint32) {
	c := s.conn(ref)
	if c.wheelPrev == 0 {
		return
	}
	if c.wheelPrev&bucketFlag != 0 {
		w.heads[c.wheelPrev&^bucketFlag] = c.wheelNext
	} else {
		s.conn(c.wheelPrev - 1).wheelNext = c.wheelNext
	}
	if c.wheelNext != 0 {
		s.conn(c.wheelNext - 1).wheelPrev = c.wheelPrev
	}
	c.wheelPrev, c.wheelNext = 0, 0
	w.count--
}

// advance processes all buckets up to now. It calls due for each record, which must link it
// again or remove it.
func (w *wheel) advance(s *slab, now int64, due func(ref uint32)) {
	to := tickOf(now)
	if to-w.tick > wheelSize {
		w.tick = to - wheelSize
	}
	for w.tick < to {
		w.tick++
		if w.count == 0 {
			w.tick = to
			return
		}
		b := uint32(w.tick & (wheelSize - 1))
		for w.heads[b] != 0 {
			ref := w.heads[b] - 1
			w.unlink(s, ref)
			due(ref)
		}
	}
}
