package checkpoint

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A state may be many times larger than the buffer of the client that it shares with
// alerts, so a few chunks at a time are on their way, and what there is no room for
// waits.
const (
	chunksUnderWay = 8
	roomPause      = 5 * time.Millisecond
)

// writing is one call of write.
type writing struct {
	at      []location
	errs    []error
	waiting []int // indexes of records to be sent, the next one last
	done    chan written
	sent    int
}

// written is what became of record i.
type written struct {
	i   int
	at  location
	err error
}

// write produces the records and waits for all of them, or for ctx, whatever the
// state of the brokers. It tells where each is. The values may still be under way when
// ctx ends first.
func (s *Store) write(ctx context.Context, rs []*kgo.Record) ([]location, error) {
	w := writing{at: make([]location, len(rs)), done: make(chan written, chunksUnderWay)}
	for i := range rs {
		w.waiting = append(w.waiting, len(rs)-1-i)
	}
	for len(w.waiting) > 0 || w.sent > 0 {
		for len(w.waiting) > 0 && w.sent < chunksUnderWay {
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

// take notes what became of a record. False is one that there was no room for: it is
// tried again.
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
