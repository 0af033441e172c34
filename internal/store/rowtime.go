package store

import (
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// A row has two kinds of times, all of type models.Timestamp, all in nanoseconds. Event
// times (ts, last_ts) are the capture's and may be anything, 1970 included. Times of the row
// (inserted_at, updated_at, and at of a triage entry) are the wall clock's; retention goes
// by them, so they must be plausible before anything is deleted for them.

const (
	// plausibleFrom is 2020-01-01: no NetLyra is older. A row time before it was written in
	// another unit, or while the host's clock was not set.
	plausibleFrom models.Timestamp = 1_577_836_800_000_000_000
	// maxAhead is how far in the future a row time may be: a clock that was set back.
	maxAhead = 24 * time.Hour
)

// stamp is the wall clock as rows have it.
func (s *Store) stamp() models.Timestamp { return models.TimestampOf(s.now()) }

// earlier is t less d.
func earlier(t models.Timestamp, d time.Duration) models.Timestamp {
	return t - models.Timestamp(d)
}
