package api

import (
	"context"
	"errors"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
)

// A search is a query that may read a large part of a table: with a filter that no index
// serves, an order that must be sorted, or a page far down. Few of them run at once, so
// that the database, its readers and the processors are left for the others.

// shallow is how many rows from the top a list without a filter is read without being a
// search.
const shallow = 1000

var errSearchesBusy = errors.New("too many searches")

// searches admits Config.MaxSearches at once; a few more wait for their turn.
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
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "netlyra_http_searches_refused_total", Help: "Searches that found too many others running and waiting."}),
	}
	if reg != nil {
		reg.MustRegister(s.refused,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netlyra_http_searches_running", Help: "Searches that run now (API_MAX_SEARCHES at most)."}, func() float64 { return float64(len(s.slots)) }),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netlyra_http_searches_waiting", Help: "Searches that wait for others to end."}, func() float64 { return float64(max(len(s.queue)-len(s.slots), 0)) }))
	}
	return s
}

// begin waits for its turn; end must be called where err is nil. err is errSearchesBusy
// or that of ctx.
func (s *searches) begin(ctx context.Context) (end func(), err error) {
	select {
	case s.queue <- struct{}{}:
	default:
		s.refused.Inc()
		return nil, errSearchesBusy
	}
	patience := time.NewTimer(s.wait)
	defer patience.Stop()
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots; <-s.queue }, nil
	case <-patience.C:
		s.refused.Inc()
		err = errSearchesBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-s.queue
	return nil, err
}

// search runs a query, after its turn has come where it is a search. The time of the
// query does not include the wait.
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

// filters reports whether f has more than bounds of time.
func filters(f models.Filter) bool {
	return f.IP.IsValid() || f.Port != nil || f.Proto != "" || f.Q != ""
}

func deep(p models.Paging) bool { return p.Cursor == "" && p.Page*max(p.Limit, 1) > shallow }

// orderedBy reports whether the order is that of field alone, which has an index.
func orderedBy(p models.Paging, field string, standard bool) bool {
	return len(p.Sort) == 0 && standard || len(p.Sort) == 1 && p.Sort[0].Field == field
}
