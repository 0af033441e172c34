package obs

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// use returns a Descriptors that reads the values of the test.
func use(open *uint64, limit uint64, spare *bool) *Descriptors {
	return &Descriptors{
		count: func() (uint64, bool) { return *open, *spare }, // counting takes a descriptor
		limit: func() (uint64, bool) { return limit, limit > 0 },
		spare: func(int) bool { return *spare },
	}
}

func TestHealthOfDescriptors(t *testing.T) {
	for _, c := range []struct {
		open, limit uint64
		spare       bool
		code        string // "": no condition
		want        *models.Descriptors
	}{
		{10, 64, true, "", &models.Descriptors{Open: 10, Limit: 64}},
		{159, 200, true, "", &models.Descriptors{Open: 159, Limit: 200}},
		{160, 200, true, vocabulary.ConditionDescriptorsHigh, &models.Descriptors{Open: 160, Limit: 200}},
		{179, 200, true, vocabulary.ConditionDescriptorsHigh, &models.Descriptors{Open: 179, Limit: 200}},
		{180, 200, true, vocabulary.ConditionDescriptorsCritical, &models.Descriptors{Open: 180, Limit: 200}},
		{0, 64, false, vocabulary.ConditionDescriptorsCritical, &models.Descriptors{Open: 64, Limit: 64}}, // none is left for counting
		{10, 0, true, "", nil}, // the system has no limit
	} {
		d := use(&c.open, c.limit, &c.spare)
		if got := d.Use(); (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%d of %d: Use returned %+v, want %+v", c.open, c.limit, got, c.want)
		}
		err := d.Health()
		if CodeOf(err) != c.code {
			t.Errorf("%d of %d: health is %v, want the code %q", c.open, c.limit, err, c.code)
		}
		if e, ok := errors.AsType[*ConditionError](err); ok && e.Severity != vocabulary.SeverityDegraded {
			t.Errorf("%d of %d: severity %s", c.open, c.limit, e.Severity)
		}
	}
}

// Watch logs once when descriptors become scarce, and once when enough are free again.
func TestDescriptorsWatchLogsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards open and out
		open, spare := uint64(10), true
		var out strings.Builder
		d := use(&open, 100, &spare)
		d.count = func() (uint64, bool) {
			mu.Lock()
			defer mu.Unlock()
			return open, true
		}
		log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return out.Write(p)
		}), nil))
		go d.Watch(t.Context(), log)
		want := []string{"", "event=" + string(vocabulary.EventDescriptorsHigh), "", "event=" + string(vocabulary.EventDescriptorsCritical), "event=" + string(vocabulary.EventDescriptorsFree)}
		for i, n := range []uint64{10, 85, 86, 95, 20} {
			mu.Lock()
			out.Reset()
			open = n
			mu.Unlock()
			<-time.After(2 * descriptorsEvery)
			synctest.Wait()
			mu.Lock()
			logged := out.String()
			mu.Unlock()
			if (want[i] == "") != (logged == "") || !strings.Contains(logged, want[i]) {
				t.Errorf("with %d of 100 open: log %q, want %q", n, logged, want[i])
			}
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestDescriptorsOfThisProcess are known, and in the metrics.
func TestDescriptorsOfThisProcess(t *testing.T) {
	u := NewDescriptors().Use()
	if u == nil {
		t.Skip("the system does not report descriptors")
	}
	if u.Open < 3 || u.Open > u.Limit {
		t.Errorf("%+v", u)
	}
	r := prometheus.NewRegistry()
	if err := Register(r, &Ledger{}); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			found[f.GetName()] = m.GetGauge().GetValue()
		}
	}
	if found["process_open_fds"] < 3 || found["process_max_fds"] != float64(u.Limit) {
		t.Errorf("process_open_fds %v, process_max_fds %v, limit %d", found["process_open_fds"], found["process_max_fds"], u.Limit)
	}
}
