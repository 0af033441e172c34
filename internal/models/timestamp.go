package models

import (
	"fmt"
	"time"
)

// Timestamp is an instant of event time in nanoseconds since the Unix epoch, UTC.
// It is an integer in the database and RFC 3339 with as many fractional digits as
// are needed (at most nine) in JSON. Zero is the epoch itself, which captures
// without a clock do carry, so absence is never expressed by zero.
type Timestamp int64

// TimestampOf converts t; instants outside of the years 1678 to 2262 do not fit.
func TimestampOf(t time.Time) Timestamp { return Timestamp(t.UnixNano()) }

// Time is t in UTC.
func (t Timestamp) Time() time.Time { return time.Unix(0, int64(t)).UTC() }

// String is t in RFC 3339.
func (t Timestamp) String() string { return t.Time().Format(time.RFC3339Nano) }

// Seconds is t in seconds since the epoch. It rounds: half a microsecond in 2026.
func (t Timestamp) Seconds() float64 { return float64(t) / 1e9 }

// MarshalJSON writes t as an RFC 3339 string in UTC.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 37)
	b = append(b, '"')
	b = t.Time().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"'), nil
}

// UnmarshalJSON reads an RFC 3339 string in any zone. A time that a Timestamp cannot
// hold is an error, and never another time.
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
