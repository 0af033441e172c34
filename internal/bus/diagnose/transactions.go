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

// transactions tells which transactions hold readers back. NetLyra's own producers use
// none, but whoever else writes to its topics may.
func (d *diagnosis) transactions(ctx context.Context) (found []obs.Finding, err error) {
	var topics []string
	for _, name := range d.c.Config().Topics.All() {
		if _, err := d.c.Partitions(ctx, name); err == nil {
			topics = append(topics, name)
		}
	}
	if len(topics) == 0 {
		return nil, nil // the topics' own check says so
	}
	spans, err := extent.List(ctx, d.c.Admin(), topics...)
	if err != nil {
		return nil, err
	}
	for _, h := range extent.HeldBy(spans) {
		detail := h.String()
		if who := d.openProducers(ctx, h.Key); who != "" {
			detail += ": " + who
		}
		f := obs.Warn(fmt.Sprintf("transactions of %s/%d", h.Topic, h.Partition), client.OpenTransactionAdvice, "%s", detail)
		f.Code = vocabulary.ConditionOpenTransaction
		found = append(found, f)
	}
	if len(found) == 0 {
		return []obs.Finding{obs.Found("transactions", "none is open in the topics of NetLyra")}, nil
	}
	return found, nil
}

// openProducers names the producers that have a transaction open in a partition, "" where
// the brokers, older than Kafka 3.0 maybe, do not tell.
func (d *diagnosis) openProducers(ctx context.Context, k extent.Key) string {
	described, err := d.c.Admin().DescribeProducers(ctx, kadm.TopicsSet{k.Topic: {k.Partition: {}}})
	if err != nil {
		return ""
	}
	var who []string
	described.EachProducer(func(p kadm.DescribedProducer) {
		if p.CurrentTxnStartOffset < 0 {
			return
		}
		last := time.UnixMilli(p.LastTimestamp)
		who = append(who, fmt.Sprintf("producer %d since offset %d, its last record is of %s", p.ProducerID, p.CurrentTxnStartOffset, last.UTC().Format(time.RFC3339)))
	})
	slices.Sort(who)
	return strings.Join(who, "; ")
}
