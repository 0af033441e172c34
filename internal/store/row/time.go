package row

import (
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// A row has two kinds of times, both models.Timestamp (nanoseconds since 1970). Event
// times (ts, last_ts) come from the capture and may have any value, 1970 included. Row
// times (inserted_at, updated_at, and at of a triage entry) come from the wall clock.
// Retention uses row times, so it deletes nothing whose row time is implausible.

const (
	// PlausibleFrom is 2020-01-01, before the first NetLyra. An earlier row time was written
	// in another unit, or while the clock of the host was not set.
	PlausibleFrom models.Timestamp = 1_577_836_800_000_000_000
	// MaxAhead is how far in the future a plausible row time may be: the clock may have
	// been set back since.
	MaxAhead = 24 * time.Hour
)

// Earlier returns t minus d.
func Earlier(t models.Timestamp, d time.Duration) models.Timestamp {
	return t - models.Timestamp(d)
}
