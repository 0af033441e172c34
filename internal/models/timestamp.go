package models

import (
	"fmt"
	"time"
)

// Timestamp is an instant of event time in nanoseconds since the Unix epoch, UTC.
// It is an integer in the database and RFC 3339 with as many fractional digits as
// needed (at most nine) in JSON. Zero is the epoch itself, which captures without a clock
// contain, so zero never means "absent".
type Timestamp int64

// TimestampOf converts t, which must lie in the years 1678 to 2261.
func TimestampOf(t time.Time) Timestamp { return Timestamp(t.UnixNano()) }

// Time returns t in UTC.
func (t Timestamp) Time() time.Time { return time.Unix(0, int64(t)).UTC() }

// String returns t in RFC 3339.
func (t Timestamp) String() string { return t.Time().Format(time.RFC3339Nano) }

// Seconds returns t in seconds since the epoch, rounded to float64 precision (about half a
// microsecond in 2026).
func (t Timestamp) Seconds() float64 { return float64(t) / 1e9 }

// MarshalJSON writes t as an RFC 3339 string in UTC.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 37)
	b = append(b, '"')
	b = t.Time().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"'), nil
}

// UnmarshalJSON parses an RFC 3339 string in any zone. A time outside the range of Timestamp
// is an error.
func (t *Timestamp) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return fmt.Errorf("timestamp %.40s: want an RFC 3339 string", b)
	}
	p, err := ParseTimestamp(b[1 : len(b)-1])
	if err != nil {
		return fmt.Errorf("timestamp %.40s: %w", b, err)
	}
	*t = p
	return nil
}
