package extent

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Answer is the next record of a partition for a consumer that reads committed.
type Answer struct {
	Next   int64 // offset of the next record; if Record is false, there is none before Next
	Record bool  // a record exists at Next
	Start  int64 // start offset of the log at the answer
}

// Limits of one call of Next: bytes of a fetch, and number of fetches.
const (
	askBytes = 256 << 10
	maxAsks  = 64
)

// Next asks the leader of a partition for the first committed record at or after offset from.
// Without one, the answer is the offset up to which there is none: usually the last stable
// offset, less if much of the log is aborted; call Next again from there. The request
// leaves no state on the broker.
//
// cl needs no consumer options. An error means that the answer is unknown: retry later.
func Next(ctx context.Context, cl *kgo.Client, k Key, from int64) (Answer, error) {
	adm := kadm.NewClient(cl)
	topics, err := adm.ListTopics(ctx, k.Topic)
	if err != nil {
		return Answer{}, fmt.Errorf("bus: leader of %s/%d: %w", k.Topic, k.Partition, err)
	}
	t := topics[k.Topic]
	p, ok := t.Partitions[k.Partition]
	if err := errors.Join(t.Err, p.Err); err != nil || !ok || p.Leader < 0 {
		return Answer{}, fmt.Errorf("bus: %s/%d: %w", k.Topic, k.Partition, errors.Join(errNoLeader, err))
	}
	a := asking{cl: cl, key: k, id: t.ID, leader: p.Leader, answer: Answer{Next: from}}
	for range maxAsks {
		more, err := a.ask(ctx)
		if errors.Is(err, kerr.OffsetOutOfRange) {
			more, err = a.outOfRange(ctx, adm)
		}
		if err != nil {
			return Answer{}, fmt.Errorf("bus: %s/%d from offset %d: %w", k.Topic, k.Partition, a.answer.Next, err)
		}
		if !more {
			break
		}
	}
	return a.answer, nil
}

// asking is the state of one call of Next.
type asking struct {
	cl     *kgo.Client
	key    Key
	id     [16]byte
	leader int32
	answer Answer
}

var (
	errNoLeader = errors.New("partition has no leader")
	errNoAnswer = errors.New("broker did not answer for the partition")
)

// ask fetches once from answer.Next. more is false at the end.
func (a *asking) ask(ctx context.Context) (more bool, err error) {
	from := a.answer.Next
	resp, err := a.fetch(ctx, from)
	if err != nil {
		return false, err
	}
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return false, err
	}
	if len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 { // for example because of throttling
		return false, errNoAnswer
	}
	rp := &resp.Topics[0].Partitions[0]
	bounded, _ := a.cl.OptValue(kgo.WithDecompressor).(kgo.Decompressor)
	fp, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: a.key.Topic, Partition: a.key.Partition,
	}, rp, bounded, nil)
	a.answer.Start = max(fp.LogStartOffset, 0)
	var large *kgo.ErrDecompressTooLarge
	switch {
	case len(fp.Records) > 0:
		a.answer.Next, a.answer.Record = fp.Records[0].Offset, true
		return false, nil
	case errors.As(fp.Err, &large): // readers replace it by one record
		a.answer.Next, a.answer.Record = max(from, large.Offset), true
		return false, nil
	case fp.Err != nil:
		return false, fp.Err
	case len(rp.RecordBatches) == 0: // no record up to the last stable offset
		a.answer.Next = max(from, fp.LastStableOffset)
		return false, nil
	case next == from:
		return false, errNoAnswer
	}
	a.answer.Next = next
	return next < fp.LastStableOffset, nil
}

func (a *asking) fetch(ctx context.Context, from int64) (*kmsg.FetchResponse, error) {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.IsolationLevel = 0, 0, askBytes, 1
	req.SessionID, req.SessionEpoch = 0, -1
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes, p.CurrentLeaderEpoch = a.key.Partition, from, askBytes, -1
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID, t.Partitions = a.key.Topic, a.id, []kmsg.FetchRequestTopicPartition{p}
	req.Topics = []kmsg.FetchRequestTopic{t}
	resp, err := a.cl.Broker(int(a.leader)).RetriableRequest(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp.(*kmsg.FetchResponse), nil
}

// outOfRange continues at the start of the log if the position is before it. A position
// after the end remains: the log was truncated.
func (a *asking) outOfRange(ctx context.Context, adm *kadm.Client) (more bool, err error) {
	spans, err := List(ctx, adm, a.key.Topic)
	if err != nil {
		return false, err
	}
	s := spans[a.key]
	a.answer.Start = s.Start
	if a.answer.Next >= s.Start {
		return false, nil
	}
	a.answer.Next = s.Start
	return s.Start < s.End, nil
}
