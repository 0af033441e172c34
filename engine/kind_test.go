package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// seenBy returns evidence of so many packets of this size, ports and sources.
func seenBy(count, size uint64, ports, sources int) (e evidence) {
	e.packets, e.bytes = count, count*size
	for i := range ports { // as many different bits
		e.ports.add(uint64(i%64 | i/64<<10))
	}
	for i := range sources {
		e.sources.add(uint64(i%64 | i/64<<10))
	}
	return e
}

// TestSeverity lists the points of each property, and expects that no property lowers the
// severity.
func TestSeverity(t *testing.T) {
	rank := map[models.Severity]int{models.SeverityLow: 0, models.SeverityMedium: 1, models.SeverityHigh: 2, models.SeverityCritical: 3}
	grade := func(level float64, count uint64, seconds float64, ports, sources int, kind string) models.Severity {
		e := seenBy(count, 0, ports, sources)
		return severity(&models.Alert{Count: count, LastTS: models.Timestamp(seconds * 1e9), Kind: kind}, &e, level)
	}
	for _, tt := range []struct {
		level          float64
		count          uint64
		seconds        float64
		ports, sources int
		kind           string
		want           models.Severity
	}{
		{4, 1, 0, 1, 1, vocabulary.KindUnusual, models.SeverityLow},
		{4.5, 1, 0, 1, 1, vocabulary.KindUnusual, models.SeverityLow},
		{4.49, 19, 59.9, 7, 7, vocabulary.KindUnusual, models.SeverityLow},
		{6, 1, 0, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4.5, 20, 0, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 1000, 0, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 20, 60, 1, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 1, 60, 8, 1, vocabulary.KindUnusual, models.SeverityMedium},
		{4, 1000, 0, 1, 8, vocabulary.KindFlood, models.SeverityHigh},
		{6, 20, 0, 1, 1, vocabulary.KindBeacon, models.SeverityHigh},
		{6, 20, 0, 8, 1, vocabulary.KindPortScan, models.SeverityCritical},
		{6, 1000, 60, 8, 8, vocabulary.KindUnusual, models.SeverityCritical},
	} {
		if got := grade(tt.level, tt.count, tt.seconds, tt.ports, tt.sources, tt.kind); got != tt.want {
			t.Errorf("%+v is graded %s", tt, got)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		level, count, seconds, ports := 3+4*rnd.Float64(), rnd.Uint64N(1500), 120*rnd.Float64(), rnd.IntN(12)
		low := rank[grade(level, count, seconds, ports, 1, vocabulary.KindUnusual)]
		for name, high := range map[string]models.Severity{
			"level": grade(level+1, count, seconds, ports, 1, vocabulary.KindUnusual), "count": grade(level, count+500, seconds, ports, 1, vocabulary.KindUnusual),
			"duration": grade(level, count, seconds+60, ports, 1, vocabulary.KindUnusual), "ports": grade(level, count, seconds, ports+8, 1, vocabulary.KindUnusual),
			"sources": grade(level, count, seconds, ports, 9, vocabulary.KindUnusual), "kind": grade(level, count, seconds, ports, 1, vocabulary.KindTunnel),
		} {
			if rank[high] < low {
				t.Fatalf("a higher %s lowers the severity of level %v, %d packets, %v s, %d ports to %s", name, level, count, seconds, ports, high)
			}
		}
	}
}
