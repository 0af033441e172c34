package extent

import "context"

// Reading is a read of some partitions from positions up to ends that were fixed before
// it began. It keeps the books; who reads tells it of each record.
type Reading struct {
	left map[Key]*position
}

type position struct {
	next, end int64
	sure      int64 // up to here there is no record that was not taken; ≥ next
}

// NewReading is one without partitions: Add them.
func NewReading() *Reading { return &Reading{left: map[Key]*position{}} }

// Add has a partition read from offset next up to end. Nothing is to be read where next
// is not below end.
func (r *Reading) Add(k Key, next, end int64) {
	if next < end {
		r.left[k] = &position{next: next, end: end, sure: next}
	}
}

// Done reports whether every partition has been read to its end.
func (r *Reading) Done() bool { return len(r.left) == 0 }

// Has reports whether a partition has not been read to its end.
func (r *Reading) Has(k Key) bool { return r.left[k] != nil }

// Left is the positions of the partitions that have not been read to their ends.
func (r *Reading) Left() map[Key]int64 {
	out := make(map[Key]int64, len(r.left))
	for k, p := range r.left {
		out[k] = p.next
	}
	return out
}

// Take notes that a record came; start is where the log began when it was fetched. wanted
// is false for a record that is not part of the read: it lies behind the end, or came
// before.
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

// Settle asks for every partition that is left whether anything is to come in it, and
// ends those where nothing is. It is for when no records have come for a moment. removed
// is how many offsets turned out to have been removed before they were read.
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
