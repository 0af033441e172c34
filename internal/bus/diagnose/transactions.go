package diagnose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// transactions reports open transactions that hold consumers back. NetLyra's producers use no
// transactions, but other programs that write to its topics can.
func (d *diagnosis) transactions(ctx context.Context) (found []obs.Finding, err error) {
	var topics []string
	for _, name := range d.c.Config().Topics.All() {
		if _, err := d.c.Partitions(ctx, name); err == nil {
			topics = append(topics, name)
		}
	}
	if len(topics) == 0 {
		return nil, nil // the check of the topics reports it
	}
	spans, err := extent.List(ctx, d.c.Admin(), topics...)
	if err != nil {
		return nil, err
	}
	for _, h := range extent.HeldBy(spans) {
		detail := h.String()
		if open := d.openProducers(ctx, h.Key); open != "" {
			detail += ": " + open
		}
		f := obs.Warn(fmt.Sprintf("transactions of %s/%d", h.Topic, h.Partition), client.OpenTransactionAdvice, "%s", detail)
		f.Code = vocabulary.ConditionOpenTransaction
		found = append(found, f)
	}
	if len(found) == 0 {
		return []obs.Finding{obs.Found("transactions", "no transaction is open in the topics of NetLyra")}, nil
	}
	return found, nil
}

// openProducers describes the producers with an open transaction in a partition; "" if the
// brokers do not support the request (Kafka before 3.0).
func (d *diagnosis) openProducers(ctx context.Context, k extent.Key) string {
	described, err := d.c.Admin().DescribeProducers(ctx, kadm.TopicsSet{k.Topic: {k.Partition: {}}})
	if err != nil {
		return ""
	}
	var open []string
	described.EachProducer(func(p kadm.DescribedProducer) {
		if p.CurrentTxnStartOffset < 0 {
			return
		}
		last := time.UnixMilli(p.LastTimestamp)
		open = append(open, fmt.Sprintf("producer %d since offset %d, its last record was written at %s", p.ProducerID, p.CurrentTxnStartOffset, last.UTC().Format(time.RFC3339)))
	})
	slices.Sort(open)
	return strings.Join(open, "; ")
}
