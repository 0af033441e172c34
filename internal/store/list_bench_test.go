package store

import (
	"net/netip"
	"os"
	"strconv"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

// benchRows is how many rows the lists are read from: 100,000, or NETLYRA_BENCH_ROWS.
func benchRows(b *testing.B) int {
	if v := os.Getenv("NETLYRA_BENCH_ROWS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 100_000
}

// BenchmarkList is the time of one page of 50 with its total.
func BenchmarkList(b *testing.B) {
	s, n := benchStore(b), benchRows(b)
	for at := 0; at < n; at += 5000 {
		alerts, conns := make([]models.Alert, 5000), make([]models.Connection, 5000)
		for i := range alerts {
			alerts[i], conns[i] = storetest.Alert(at+i), storetest.Connection(at+i)
		}
		saveAlerts(b, s, alerts...)
		saveConnections(b, s, conns...)
	}
	alerts := map[string]models.AlertQuery{
		"newest":       {},
		"severity":     {Severity: []models.Severity{"critical"}},
		"host":         {Filter: models.Filter{IP: netip.MustParsePrefix("10.0.3.7/32")}},
		"network":      {Filter: models.Filter{IP: netip.MustParsePrefix("10.0.0.0/16")}},
		"by last_ts":   {Paging: models.Paging{Sort: []models.SortKey{{Field: "last_ts", Desc: true}}}},
		"by score":     {Paging: models.Paging{Sort: []models.SortKey{{Field: "score", Desc: true}}}},
		"page 1000":    {Paging: models.Paging{Page: 1000}},
		"text, all":    {Filter: models.Filter{Q: "380 ports"}},
		"text, no hit": {Filter: models.Filter{Q: "nowhere"}},
	}
	for name, q := range alerts {
		b.Run("alerts/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Alerts(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	conns := map[string]models.ConnectionQuery{
		"living":  {},
		"host":    {Filter: models.Filter{IP: netip.MustParsePrefix("10.0.3.7/32")}},
		"all, ts": {Phases: []string{"any"}, Paging: models.Paging{Sort: []models.SortKey{{Field: "ts", Desc: true}}}},
		"bytes":   {Paging: models.Paging{Sort: []models.SortKey{{Field: "bytes", Desc: true}}}},
	}
	for name, q := range conns {
		b.Run("connections/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Connections(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
