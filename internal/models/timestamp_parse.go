package models

import (
	"errors"
	"time"
)

var errTime = errors.New("want RFC 3339 between 1677 and 2262, as 2026-01-29T12:00:00.5Z")

// daysOf converts a date of the Gregorian calendar to days since 1970-01-01
// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
func daysOf(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	mp := m - 3
	if m <= 2 {
		mp = m + 9
	}
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

var monthDays = [13]int64{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// two returns the value of two decimal digits, or a number beyond every limit.
func two[T ~string | ~[]byte](s T, i int) int64 {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return 1 << 20
	}
	return int64(a)*10 + int64(b)
}

// ParseTimestamp reads a time in RFC 3339, in any zone. A time that a Timestamp cannot
// hold is an error. The usual form (UTC, at most nine fractional digits) is parsed here
// without allocating, all others by package time.
func ParseTimestamp[T ~string | ~[]byte](s T) (Timestamp, error) {
	n := len(s)
	if n < 20 || n > 30 || s[n-1] != 'Z' || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return parseTimeSlow(string(s))
	}
	y, m, d := two(s, 0)*100+two(s, 2), two(s, 5), two(s, 8)
	h, mi, sec := two(s, 11), two(s, 14), two(s, 17)
	if y < 1679 || y > 2261 || m < 1 || m > 12 || d < 1 || d > 28 && d > lastDay(y, m) || h > 23 || mi > 59 || sec > 59 {
		return parseTimeSlow(string(s))
	}
	nano := int64(0)
	if n > 20 {
		if s[19] != '.' || n == 21 {
			return parseTimeSlow(string(s))
		}
		unit := int64(1e8)
		for i := 20; i < n-1; i++ {
			c := s[i] - '0'
			if c > 9 {
				return 0, errTime
			}
			nano += int64(c) * unit
			unit /= 10
		}
	}
	return Timestamp(((daysOf(y, m, d)*24+h)*60+mi)*60+sec)*1e9 + Timestamp(nano), nil
}

func lastDay(y, m int64) int64 {
	if m == 2 && (y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 28
	}
	return monthDays[m]
}

// parseTimeSlow parses every other form that RFC 3339 allows. Fractional digits after the
// ninth are ignored.
func parseTimeSlow(s string) (Timestamp, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, errTime
	}
	ts := TimestampOf(t)
	if !ts.Time().Equal(t) { // out of range
		return 0, errTime
	}
	return ts, nil
}
