package api

import (
	"context"
	"errors"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
)

// A search is a query that may read a large part of a table: with a filter that has no
// index, an order that must be sorted, or a high page number. Few searches run at once, so
// that other queries find free database connections and processors.

// shallow is the number of rows up to which paging through a list without a filter is no
// search.
const shallow = 1000

var errSearchesBusy = errors.New("too many searches")

// searches runs Config.MaxSearches at once and queues Config.SearchQueue more.
type searches struct {
	slots   chan struct{}
	queue   chan struct{}
	wait    time.Duration
	refused prometheus.Counter
}

func newSearches(cfg Config, reg prometheus.Registerer) *searches {
	n := max(cfg.MaxSearches, 1)
	s := &searches{
		slots: make(chan struct{}, n), queue: make(chan struct{}, n+max(cfg.SearchQueue, 0)), wait: cfg.SearchWait,
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "netlyra_http_searches_refused_total", Help: "Searches refused because the queue was full or the wait too long."}),
	}
	if reg != nil {
		reg.MustRegister(s.refused,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netlyra_http_searches_running", Help: "Running searches, at most API_MAX_SEARCHES."}, func() float64 { return float64(len(s.slots)) }),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netlyra_http_searches_waiting", Help: "Queued searches."}, func() float64 { return float64(max(len(s.queue)-len(s.slots), 0)) }))
	}
	return s
}

// begin waits for a free slot. If err is nil, the caller must call end. err is
// errSearchesBusy or the error of ctx.
func (s *searches) begin(ctx context.Context) (end func(), err error) {
	select {
	case s.queue <- struct{}{}:
	default:
		s.refused.Inc()
		return nil, errSearchesBusy
	}
	limit := time.NewTimer(s.wait)
	defer limit.Stop()
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots; <-s.queue }, nil
	case <-limit.C:
		s.refused.Inc()
		err = errSearchesBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-s.queue
	return nil, err
}

// search runs a query; if many is set, it first waits for a search slot. The query's time
// limit does not include the wait.
func search[Q, P any](s *Server, c *gin.Context, q Q, many bool, run func(context.Context, Q) (P, error)) (p P, err error) {
	if many {
		end, err := s.searches.begin(c.Request.Context())
		if err != nil {
			return p, err
		}
		defer end()
	}
	ctx, cancel := s.queryContext(c)
	defer cancel()
	return run(ctx, q)
}

func isSearchAlerts(q models.AlertQuery) bool {
	if filters(q.Filter) || q.MinScore != nil || len(q.Severity)+len(q.State)+len(q.Kind) > 0 {
		return true
	}
	bounded := q.Since != nil || q.Until != nil
	return deep(q.Paging) || !orderedBy(q.Paging, "ts", true) && (bounded || !orderedBy(q.Paging, "last_ts", false))
}

func isSearchConnections(q models.ConnectionQuery) bool {
	if filters(q.Filter) || len(q.State)+len(q.Service) > 0 || q.Since != nil || q.Until != nil || deep(q.Paging) {
		return true
	}
	switch {
	case len(q.Phases) == 0:
		return !orderedBy(q.Paging, "last_ts", true)
	case len(q.Phases) == 1 && q.Phases[0] == "any":
		return !orderedBy(q.Paging, "ts", false)
	}
	return true
}

// filters reports whether f has conditions other than a time range.
func filters(f models.Filter) bool {
	return f.IP.IsValid() || f.Port != nil || f.Proto != "" || f.Q != ""
}

func deep(p models.Paging) bool { return p.Cursor == "" && p.Page*max(p.Limit, 1) > shallow }

// orderedBy reports whether the order is by field alone, which has an index. standard is
// the result for the default order.
func orderedBy(p models.Paging, field string, standard bool) bool {
	return len(p.Sort) == 0 && standard || len(p.Sort) == 1 && p.Sort[0].Field == field
}
