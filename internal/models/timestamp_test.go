package models

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A time outside the range is an error; it must not wrap around.
func TestTimestampRejectsTimesOutOfRange(t *testing.T) {
	for _, text := range []string{
		"0001-01-01T00:00:00Z", "1600-01-01T00:00:00Z", "2263-01-01T00:00:00Z", "3000-01-01T00:00:00.5Z", "9999-12-31T23:59:59+01:00",
	} {
		var ts Timestamp
		if err := json.Unmarshal([]byte(`"`+text+`"`), &ts); err == nil {
			t.Errorf("JSON: %s was read as %v", text, ts)
		}
		if ts, err := ParseTimestamp(text); err == nil {
			t.Errorf("%s was read as %v", text, ts)
		}
	}
	for _, text := range []string{`"yesterday"`, `1770000000`, `1770000000000`, `null x`, `"2026-01-29"`, `""`} {
		var ts Timestamp
		if err := json.Unmarshal([]byte(text), &ts); err == nil {
			t.Errorf("JSON: %s was read as %v", text, ts)
		}
	}
}

// Values survive a round trip through the database, and other types are rejected.
func TestTimestampInTheDatabase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ts := Timestamp(rapid.Int64().Draw(t, "ts"))
		v, err := ts.Value()
		if err != nil || v != int64(ts) {
			t.Fatalf("value %v, %v", v, err)
		}
		var back Timestamp
		if err := back.Scan(v); err != nil || back != ts {
			t.Fatalf("scanned %d, %v; want %d", back, err, ts)
		}
	})
	for _, v := range []any{nil, 1.77e18, "1770000000000000000", []byte("1770000000000000000"), time.Unix(1_770_000_000, 0), true} {
		ts := Timestamp(7)
		if err := ts.Scan(v); err == nil || ts != 7 {
			t.Errorf("%T was read as %d (%v)", v, ts, err)
		}
	}
}
