package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

func benchStore(b *testing.B) *Store {
	b.Helper()
	cfg := DefaultConfig()
	cfg.Path = filepath.Join(b.TempDir(), "bench.db")
	s, err := Open(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkSave reports rows per second in batches of 1000, into a growing table.
func BenchmarkSave(b *testing.B) {
	const batch = 1000
	b.Run("alerts", func(b *testing.B) {
		s, rows := benchStore(b), make([]models.Alert, batch)
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			for i := range rows {
				rows[i] = storetest.Alert(n*batch + i)
			}
			b.StartTimer()
			if err := s.SaveAlerts(b.Context(), rows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("connections", func(b *testing.B) {
		s, rows := benchStore(b), make([]models.Connection, batch)
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			for i := range rows {
				rows[i] = storetest.Connection(n*batch + i)
			}
			b.StartTimer()
			if err := s.SaveConnections(b.Context(), rows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkFlood stores connections of distinct addresses that start at 200,000 per second
// and expire half a second later, in a table that grows with b.N (-benchtime 1000x: half
// a million rows, each written twice). It reports records per second and, on Linux, the
// bytes written to disk per record.
func BenchmarkFlood(b *testing.B) {
	const batch, lifetime = 1000, 100_000
	s, rows, before := benchStore(b), make([]models.Connection, batch), written()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		for i := range rows {
			at := n*batch/2 + i/2
			if rows[i] = floodConnection(uint64(at)); i%2 == 1 && at >= lifetime {
				rows[i] = floodConnection(uint64(at - lifetime))
				rows[i].Phase = "expired"
			}
		}
		b.StartTimer()
		if err := s.SaveConnections(b.Context(), rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "records/s")
	if kb := (written() - before) / 1024; kb > 0 {
		b.ReportMetric(kb/float64(b.N*batch), "KB/record")
	}
}

// floodConnection is connection i, with an id in the form of conntrack.
func floodConnection(i uint64) models.Connection {
	h := (i + 1) * 0x9E3779B97F4A7C15
	h = (h ^ h>>29) * 0xBF58476D1CE4E5B9
	ts := 1_770_000_000_000_000_000 + i*5000
	c := storetest.Connection(int(i))
	c.ID = models.ConnID(ts>>30<<52 | h>>12).String()
	c.TS, c.LastTS, c.Phase = models.Timestamp(ts), models.Timestamp(ts), "new"
	c.SrcIP = fmt.Sprintf("%d.%d.%d.%d", h>>56, h>>48&255, h>>40&255, h>>32&255)
	return c
}

// written returns the bytes that this process has written to disk, or 0 if unknown.
func written() (n float64) {
	b, _ := os.ReadFile("/proc/self/io")
	if _, after, ok := strings.Cut(string(b), "\nwrite_bytes: "); ok {
		_, _ = fmt.Sscan(after, &n)
	}
	return n
}
