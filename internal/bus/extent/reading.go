package extent

import "context"

// Reading tracks a read of partitions from start positions up to fixed ends. The reader
// passes the offset of each record to Take.
type Reading struct {
	left map[Key]*position
}

type position struct {
	next, end int64
	sure      int64 // no record remains before this offset; ≥ next
}

// NewReading returns a Reading without partitions.
func NewReading() *Reading { return &Reading{left: map[Key]*position{}} }

// Add adds a partition to be read from offset next up to end (exclusive). It does nothing
// unless next < end.
func (r *Reading) Add(k Key, next, end int64) {
	if next < end {
		r.left[k] = &position{next: next, end: end, sure: next}
	}
}

// Done reports whether every partition has been read to its end.
func (r *Reading) Done() bool { return len(r.left) == 0 }

// Has reports whether a partition has not been read to its end.
func (r *Reading) Has(k Key) bool { return r.left[k] != nil }

// Left returns the positions of the partitions that have not been read to their ends.
func (r *Reading) Left() map[Key]int64 {
	out := make(map[Key]int64, len(r.left))
	for k, p := range r.left {
		out[k] = p.next
	}
	return out
}

// Take registers a fetched record; start is the start offset of the log at the fetch. wanted
// is false for a record that is not part of the read, because it is after the end or was
// taken before.
func (r *Reading) Take(k Key, offset, start int64) (s Step, wanted bool) {
	p := r.left[k]
	if p == nil {
		return s, false
	}
	if s = StepTo(p.next, offset, start); s.Back {
		return s, false
	}
	if offset >= p.end-1 {
		delete(r.left, k)
	}
	if offset >= p.end {
		return s, false
	}
	p.next = offset + 1
	p.sure = max(p.sure, p.next)
	return s, true
}

// Settle asks for each remaining partition whether records remain, and ends those without.
// Call it when no records have arrived for a while. removed is the number of offsets that
// were removed before they were read.
func (r *Reading) Settle(ctx context.Context, ask func(ctx context.Context, k Key, from int64) (Answer, error)) (removed int64, err error) {
	for k, p := range r.left {
		a, err := ask(ctx, k, p.sure)
		if err != nil {
			return removed, err
		}
		p.sure = max(p.sure, a.Next)
		if p.sure >= p.end {
			removed += StepTo(p.next, max(p.end, p.next), a.Start).Removed
			delete(r.left, k)
		}
	}
	return removed, nil
}
