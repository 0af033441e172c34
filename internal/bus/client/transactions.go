package client

import (
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// TransactionsComponent is the health component under which a Client reports that open
// transactions of other programs hold back its consumers.
const TransactionsComponent = "transactions"

// OpenTransactionAdvice tells an operator what to do about a transaction that does not end.
const OpenTransactionAdvice = "it ends when its producer commits or aborts it, or when the brokers abort it after transaction.timeout.ms; find a hanging one with kafka-transactions.sh find-hanging, then abort it"

// longOpen is the age at which an open transaction is reported: longer than transactions
// of working programs, shorter than the timeout after which brokers abort one (60 s by
// default).
const longOpen = 10 * time.Second

// transactions watches the topics of consumer groups for open transactions.
type transactions struct {
	mu       sync.Mutex
	watch    extent.Watch
	logged   map[extent.Key]int64 // offsets of transactions that were logged
	reported bool                 // health has been degraded
	ends     map[extent.Key]int64 // offsets at which bounded reads ended
}

// WarnOpen logs, once for each transaction, that a bounded read ends at the first offset
// of an open transaction: later records are not part of the read.
func (c *Client) WarnOpen(what string, spans map[extent.Key]extent.Span) {
	for _, h := range extent.HeldBy(spans) {
		if c.open.first(h) {
			c.log.Warn("read ends at an open transaction; later records are not part of it", vocabulary.EventOpenTransaction.Attr(),
				"read", what, "topic", h.Topic, "partition", h.Partition, "offset", h.Offset, "unreadable", h.Behind)
		}
	}
}

// first reports whether it is called for this transaction for the first time.
func (o *transactions) first(h extent.Held) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at, known := o.ends[h.Key]; known && at == h.Offset {
		return false
	}
	if o.ends == nil {
		o.ends = map[extent.Key]int64{}
	}
	o.ends[h.Key] = h.Offset
	return true
}

// ObserveSpans takes the current spans of topics that a group reads. A transaction that
// stays open for longOpen is logged once and degrades health.
func (c *Client) ObserveSpans(spans map[extent.Key]extent.Span, now time.Time) {
	c.open.mu.Lock()
	defer c.open.mu.Unlock()
	c.open.watch.Observe(now, spans)
	c.open.report(c, now)
}

// ForgetSpans ends the observation of topics, when the group that reads them ends.
func (c *Client) ForgetSpans(topics []string) {
	c.open.mu.Lock()
	defer c.open.mu.Unlock()
	for _, t := range topics {
		c.open.watch.Forget(t)
	}
	c.open.report(c, time.Now())
}

// report logs new transactions and updates health. The caller holds mu.
func (o *transactions) report(c *Client, now time.Time) {
	held := o.watch.Longer(now, longOpen)
	logged := make(map[extent.Key]int64, len(held))
	var errs []error
	for _, h := range held {
		if at, known := o.logged[h.Key]; !known || at != h.Offset {
			c.log.Warn("an open transaction holds back consumers", vocabulary.EventOpenTransaction.Attr(),
				"topic", h.Topic, "partition", h.Partition, "offset", h.Offset, "unreadable", h.Behind, "open_for", h.For.Round(time.Second), "hint", OpenTransactionAdvice)
		}
		logged[h.Key] = h.Offset
		errs = append(errs, obs.Degraded(vocabulary.ConditionOpenTransaction, obs.Params{"topic": h.Topic, "partition": h.Partition, "offset": h.Offset}, "%v", h))
	}
	o.logged = logged
	if len(held) > 0 || o.reported {
		o.reported = len(held) > 0
		c.deps.Health(TransactionsComponent, obs.Join(errs...))
	}
}
