package checkpoint

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A state can be larger than the buffer, which alerts share, so only a few chunks are in
// flight at a time, and chunks that do not fit are retried.
const (
	chunksInFlight = 8
	roomPause      = 5 * time.Millisecond
)

// writing is one call of write.
type writing struct {
	at      []location
	errs    []error
	waiting []int // indexes of records to send, the next one last
	done    chan written
	sent    int
}

// written is the result of record i.
type written struct {
	i   int
	at  location
	err error
}

// write produces the records and returns their locations when all are acknowledged, or the
// error of ctx if that ends first. Values may still be in flight then.
func (s *Store) write(ctx context.Context, rs []*kgo.Record) ([]location, error) {
	w := writing{at: make([]location, len(rs)), done: make(chan written, chunksInFlight)}
	for i := range rs {
		w.waiting = append(w.waiting, len(rs)-1-i)
	}
	for len(w.waiting) > 0 || w.sent > 0 {
		for len(w.waiting) > 0 && w.sent < chunksInFlight {
			last := len(w.waiting) - 1
			i := w.waiting[last]
			w.waiting, w.sent = w.waiting[:last], w.sent+1
			s.c.Immediate().TryProduce(context.WithoutCancel(ctx), rs[i], func(r *kgo.Record, err error) {
				w.done <- written{i, location{r.Partition, r.Offset}, err}
			})
		}
		select {
		case x := <-w.done:
			if w.take(x) {
				continue
			}
			select {
			case <-time.After(roomPause):
			case <-ctx.Done():
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return w.at, errors.Join(w.errs...)
}

// take notes the result of a record. It returns false if the buffer was full: the record is
// retried.
func (w *writing) take(x written) bool {
	w.sent--
	if errors.Is(x.err, kgo.ErrMaxBuffered) {
		w.waiting = append(w.waiting, x.i)
		return false
	}
	w.at[x.i] = x.at
	w.errs = append(w.errs, x.err)
	return true
}
