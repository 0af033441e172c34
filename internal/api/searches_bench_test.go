package api_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store"
)

// BenchmarkNewestDuringSearches measures the list of the newest alerts while 100 clients
// search continuously, on 100,000 alerts (or NETLYRA_BENCH_ROWS), wired as in `core`.
func BenchmarkNewestDuringSearches(b *testing.B) {
	rows := 100_000
	if n, err := strconv.Atoi(os.Getenv("NETLYRA_BENCH_ROWS")); err == nil {
		rows = n
	}
	acfg, cfg := api.DefaultConfig(), store.DefaultConfig()
	cfg.Path, cfg.Readers = filepath.Join(b.TempDir(), "net.db"), acfg.MaxSearches+4
	st, err := store.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	template := seedAlerts()[0]
	for n := 0; n < rows; n += 5000 {
		batch := make([]models.Alert, 5000)
		for i := range batch {
			batch[i] = template
			batch[i].ID, batch[i].TS = fmt.Sprintf("bench-%d", n+i), at(time.Duration(n+i)*time.Millisecond)
			batch[i].LastTS = batch[i].TS
		}
		if err := st.SaveAlerts(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	handler := api.New(acfg, api.Deps{Alerts: st, Connections: st, Health: obs.NewHealth()}).Handler()
	for _, searches := range []int{0, 100} {
		b.Run(strconv.Itoa(searches)+" searches", func(b *testing.B) {
			ctx, stop := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			var done, rejected atomic.Int64
			for range searches {
				wg.Go(func() {
					for ctx.Err() == nil {
						switch status(handler, ctx, "/api/v1/alerts?q=nowhere%20at%20all&sort=score") {
						case http.StatusOK:
							done.Add(1)
						case http.StatusServiceUnavailable: // a client waits before it retries
							rejected.Add(1)
							pause(ctx, 100*time.Millisecond)
						}
					}
				})
			}
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				if s := status(handler, b.Context(), "/api/v1/alerts"); s != http.StatusOK {
					b.Fatal(s)
				}
				took = append(took, time.Since(begin))
			}
			stop()
			wg.Wait()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1e3, "max-ms")
			b.ReportMetric(float64(done.Load()), "searches")
			b.ReportMetric(float64(rejected.Load()), "rejected")
		})
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// status returns the status of a GET and discards the body.
func status(h http.Handler, ctx context.Context, target string) int {
	w := &statusOnly{header: http.Header{}}
	h.ServeHTTP(w, request("GET", target, "").WithContext(ctx))
	return w.code
}

type statusOnly struct {
	header http.Header
	code   int
}

func (s *statusOnly) Header() http.Header { return s.header }
func (s *statusOnly) WriteHeader(code int) {
	if s.code == 0 {
		s.code = code
	}
}

func (s *statusOnly) Write(b []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	return len(b), nil
}
