package bus

import (
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// TransactionsComponent is the name under which a Client reports to health that open
// transactions of other programs hold its groups back.
const TransactionsComponent = "transactions"

// openFor is how long a transaction may be open before that is said: longer than those of
// programs that work, shorter than the time-out after which brokers abort one (60 s by
// default).
const openFor = 10 * time.Second

// openTransactions watches the topics of the groups of a Client.
type openTransactions struct {
	mu    sync.Mutex
	watch extent.Watch
	said  map[extent.Key]int64 // offsets that the log knows of
	told  bool                 // health has been told
	ends  map[extent.Key]int64 // offsets at which bounded reads ended
}

// news reports whether it has not been asked about this transaction before.
func (o *openTransactions) news(h extent.Held) bool {
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

// observe takes the spans of a group's topics.
func (o *openTransactions) observe(c *Client, spans map[partitionKey]extent.Span, now time.Time) {
	all := make(map[extent.Key]extent.Span, len(spans))
	for k, s := range spans {
		all[k.extent()] = s
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watch.Observe(now, all)
	o.tell(c, now)
}

// forget is for when a group ends.
func (o *openTransactions) forget(c *Client, topics []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range topics {
		o.watch.Forget(t)
	}
	o.tell(c, time.Now())
}

// tell logs each transaction once and keeps health up to date.
func (o *openTransactions) tell(c *Client, now time.Time) {
	held := o.watch.Longer(now, openFor)
	said := make(map[extent.Key]int64, len(held))
	var errs []error
	for _, h := range held {
		if at, known := o.said[h.Key]; !known || at != h.Offset {
			c.log.Warn(h.String(), "code", extent.CodeOpenTransaction, "topic", h.Topic, "partition", h.Partition, "offset", h.Offset, "hint", openAdvice)
		}
		said[h.Key] = h.Offset
		errs = append(errs, obs.Degraded(vocabulary.ConditionOpenTransaction, obs.Params{"topic": h.Topic, "partition": h.Partition, "offset": h.Offset}, "%v", h))
	}
	o.said = said
	if len(held) > 0 || o.told {
		o.told = len(held) > 0
		c.deps.Health(TransactionsComponent, obs.Join(errs...))
	}
}

// openAdvice is what to do about a transaction that does not end.
const openAdvice = "it ends when its producer commits or aborts it, or the brokers do after transaction.timeout.ms; one that hangs: kafka-transactions.sh find-hanging, then abort"
