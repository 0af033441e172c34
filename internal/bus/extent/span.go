package extent

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"golang.org/x/sync/errgroup"
)

// Key names one partition.
type Key struct {
	Topic     string
	Partition int32
}

// Span has the offsets of one partition: Start ≤ End ≤ High.
type Span struct {
	Start int64 // oldest retained offset
	End   int64 // last stable offset: the end for a consumer that reads committed
	High  int64 // high watermark: the end of the log; above End while a transaction is open
}

// Open reports whether an open transaction holds consumers back.
func (s Span) Open() bool { return s.High > s.End }

// List returns the spans of all partitions of the topics. A topic that does not exist is an
// error, and so is a partition without a leader.
func List(ctx context.Context, adm *kadm.Client, topics ...string) (map[Key]Span, error) {
	var starts, ends, highs kadm.ListedOffsets
	g, gctx := errgroup.WithContext(ctx)
	for _, ask := range []struct {
		what string
		of   func(context.Context, ...string) (kadm.ListedOffsets, error)
		into *kadm.ListedOffsets
	}{
		{"start offsets", adm.ListStartOffsets, &starts},
		{"last stable offsets", adm.ListCommittedOffsets, &ends},
		{"end offsets", adm.ListEndOffsets, &highs},
	} {
		g.Go(func() (err error) {
			if *ask.into, err = ask.of(gctx, topics...); err != nil {
				return fmt.Errorf("bus: %s: %w", ask.what, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := map[Key]Span{}
	for topic, partitions := range highs {
		for p, high := range partitions {
			start, ok := starts.Lookup(topic, p)
			end, too := ends.Lookup(topic, p)
			err := errors.Join(high.Err, start.Err, end.Err)
			if err == nil && !(ok && too) { // created between two of the requests
				err = errNoAnswer
			}
			if err != nil {
				return nil, fmt.Errorf("bus: topic %s, partition %d: offsets: %w", topic, p, err)
			}
			out[Key{topic, p}] = spanOf(start.Offset, end.Offset, high.Offset)
		}
	}
	return out, nil
}

// spanOf returns a Span of three offsets that were listed one after the other while records
// were written and removed.
func spanOf(start, end, high int64) Span {
	high = max(high, start)
	return Span{Start: start, End: min(max(end, start), high), High: high}
}

// Step describes the offsets between a consumer's position and its next record.
type Step struct {
	Gap     int64 // offsets without a record: markers, aborted, compacted
	Removed int64 // offsets that retention removed before they were read
	Back    bool  // the record is before the position
}

// StepTo returns the step from position next to a record at offset; start is the start offset
// of the log at the fetch, negative if unknown.
func StepTo(next, offset, start int64) Step {
	if offset < next {
		return Step{Back: true}
	}
	removed := min(max(start-next, 0), offset-next)
	return Step{Gap: offset - next - removed, Removed: removed}
}
