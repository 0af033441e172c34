package models

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestTimestampAgreesWithPackageTime compares the fast parser with package time at every day
// of 584 years, and at random instants with random precision.
func TestTimestampAgreesWithPackageTime(t *testing.T) {
	for day := time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2262; day = day.AddDate(0, 0, 1) {
		if ts, err := ParseTimestamp(day.Format(time.RFC3339)); err != nil || !ts.Time().Equal(day) {
			t.Fatalf("%v: %v, %v", day, ts, err)
		}
	}
	rng := rand.New(rand.NewPCG(11, 32))
	for range 20_000 {
		ts := Timestamp(rng.Int64())
		if rng.IntN(2) == 0 {
			ts = -ts
		}
		unit := Timestamp(math.Pow10(rng.IntN(10)))
		ts -= ts % unit
		back, err := ParseTimestamp(ts.String())
		if err != nil || back != ts {
			t.Fatalf("%s: %d, %v; want %d", ts, back, err, ts)
		}
		if fromBytes, err := ParseTimestamp([]byte(ts.String())); err != nil || fromBytes != ts {
			t.Fatalf("%s as bytes: %d, %v", ts, fromBytes, err)
		}
	}
}

// TestTimestampForms reads all forms of RFC 3339 and rejects other texts.
func TestTimestampForms(t *testing.T) {
	const noon = "2026-01-29T12:00:00Z"
	want, err := ParseTimestamp(noon)
	if err != nil || want.Time().Format(time.RFC3339) != noon {
		t.Fatalf("%v, %v", want, err)
	}
	for text, offset := range map[string]time.Duration{
		"2026-01-29T12:00:00.0Z":              0,
		"2026-01-29T12:00:00.5Z":              500 * time.Millisecond,
		"2026-01-29T12:00:00.000000001Z":      1,
		"2026-01-29T12:00:00.123456789Z":      123456789,
		"2026-01-29T12:00:00.1234567899Z":     123456789, // digits after the ninth are ignored
		"2026-01-29T13:00:00+01:00":           0,
		"2026-01-29T06:30:00-05:30":           0,
		"2026-01-29T12:00:00+00:00":           0,
		"2026-01-30T01:59:59.5+14:00":         -500 * time.Millisecond,
		"2026-01-29T12:00:00.25-00:00":        250 * time.Millisecond,
		"2026-01-28T12:00:01.75-23:59":        -time.Minute + 1750*time.Millisecond,
		"2026-01-29T12:00:59Z":                59 * time.Second,
		"2026-01-29T11:59:59.999999999+00:00": -1,
	} {
		got, err := ParseTimestamp(text)
		if err != nil || time.Duration(got-want) != offset {
			t.Errorf("%s: %v after noon, %v; want %v", text, time.Duration(got-want), err, offset)
		}
	}
	for _, text := range []string{
		"2026-02-29T12:00:00Z", "2026-04-31T12:00:00Z", "1900-02-29T00:00:00Z", "2026-00-10T12:00:00Z", "2026-13-10T12:00:00Z", "2026-01-00T12:00:00Z",
		"2026-01-29T24:00:00Z", "2026-01-29T12:60:00Z", "2026-01-29T12:00:60Z", "2026-01-29T12:00:00", "2026-01-29 12:00:00Z",
		"2026-01-29T12:00:00.Z", "2026-01-29T12:00:00.1x3Z", "2026-01-29T12:00Z", "20260129T120000Z", "+026-01-29T12:00:00Z",
		"2026-01-29T12:00:00.5", "2026-01-29T12:0a:00Z", "2026/01/29T12:00:00Z", " 2026-01-29T12:00:00Z", "2026-01-29T12:00:00ZZ", "now", "",
	} {
		if ts, err := ParseTimestamp(text); err == nil {
			t.Errorf("%q is read as %s", text, ts)
		}
	}
	for _, leap := range []string{"2000-02-29T00:00:00Z", "2024-02-29T23:59:59Z"} {
		if ts, err := ParseTimestamp(leap); err != nil || ts.String() != leap {
			t.Errorf("%s: %s, %v", leap, ts, err)
		}
	}
}

// TestTimestampLimits: the first and the last instant are read, their neighbors outside are
// errors.
func TestTimestampLimits(t *testing.T) {
	for text, want := range map[string]Timestamp{
		"2262-04-11T23:47:16.854775807Z":      math.MaxInt64,
		"1677-09-21T00:12:43.145224192Z":      math.MinInt64,
		"2262-04-12T01:47:16.854775807+02:00": math.MaxInt64,
	} {
		if ts, err := ParseTimestamp(text); err != nil || ts != want {
			t.Errorf("%s: %d, %v; want %d", text, ts, err, want)
		}
	}
	for _, text := range []string{"2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z"} {
		if ts, err := ParseTimestamp(text); err == nil {
			t.Errorf("%s is read as %d", text, ts)
		}
	}
}

// TestTimestampInJSON: a struct survives a round trip, also within a map and a list, and a
// wrong value leaves the field unchanged.
func TestTimestampInJSON(t *testing.T) {
	type doc struct {
		At   Timestamp            `json:"at"`
		List []Timestamp          `json:"list"`
		By   map[string]Timestamp `json:"by"`
	}
	in := doc{At: 1, List: []Timestamp{0, 1_700_000_000_123_000_000}, By: map[string]Timestamp{"a": -1}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"at":"1970-01-01T00:00:00.000000001Z","list":["1970-01-01T00:00:00Z","2023-11-14T22:13:20.123Z"],"by":{"a":"1969-12-31T23:59:59.999999999Z"}}`
	if string(b) != want {
		t.Errorf("got %s, want %s", b, want)
	}
	var out doc
	if err := json.Unmarshal(b, &out); err != nil || out.At != in.At || out.List[1] != in.List[1] || out.By["a"] != -1 {
		t.Errorf("read %+v, %v", out, err)
	}
	for _, bad := range []string{`{"at":5}`, `{"at":true}`, `{"at":{}}`, `{"at":"\u0032026-01-29T12:00:00Z"}`} {
		got := doc{At: 7}
		if err := json.Unmarshal([]byte(bad), &got); err == nil || got.At != 7 {
			t.Errorf("%s: read %d, %v", bad, got.At, err)
		}
	}
	long := `"` + strings.Repeat("x", 10_000) + `"`
	var ts Timestamp
	if err := json.Unmarshal([]byte(long), &ts); err == nil || len(err.Error()) > 300 {
		t.Errorf("error of %d bytes for a long text", len(err.Error()))
	}
}

// TestParseTimestampDoesNotAllocate: it runs for each record in JSON.
func TestParseTimestampDoesNotAllocate(t *testing.T) {
	b := []byte("2026-01-29T12:00:00.123456789Z")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := ParseTimestamp(b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
