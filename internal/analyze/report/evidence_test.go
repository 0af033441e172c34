package report

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

func TestEvidence(t *testing.T) {
	series := func(values ...float64) (points []models.EvidencePoint) {
		for i, v := range values {
			points = append(points, models.EvidencePoint{TS: after(float64(i)), Value: v})
		}
		return points
	}
	for _, c := range []struct {
		e    *models.Evidence
		want string
	}{
		{nil, ""},
		{&models.Evidence{Feature: "ports", Value: 12, Limit: 9, Series: series(12)}, "Ports tried: 12 ports, alert from 9"},
		{&models.Evidence{Feature: "ports", Value: 12.2, Limit: 8.7, Series: series(9, 11, 12.2)}, "Ports tried: 12 ports, alert from 9; it was 9 at first"},
		{&models.Evidence{Feature: "of_a_later_version", Value: 12, Limit: 9}, "Of a later version: 12, alert from 9"},
	} {
		if got := Evidence(c.e); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestRecurrence(t *testing.T) {
	for _, c := range []struct {
		r    *models.Recurrence
		want string
	}{
		{nil, ""},
		{&models.Recurrence{Count: 1, First: noon}, ""},
		{&models.Recurrence{Count: 2, First: noon}, "2nd time since 2026-01-29 12:00 UTC"},
		{&models.Recurrence{Count: 3, First: noon, Every: 1200}, "3rd time since 2026-01-29 12:00 UTC, on average every 20 minutes"},
		{&models.Recurrence{Count: 1023, First: noon, Every: 1200, Regular: true, Baseline: true},
			"1,023rd time since 2026-01-29 12:00 UTC, about every 20 minutes; it has become ordinary"},
	} {
		if got := Recurrence(c.r); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	for n, want := range map[uint64]string{1: "1st", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 22: "22nd", 111: "111th"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
