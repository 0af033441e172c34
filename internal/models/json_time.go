package models

import (
	"errors"
	"time"
)

var errTime = errors.New("want RFC 3339 between 1677 and 2262, as 2026-01-29T12:00:00.5Z")

// AppendJSON appends t as MarshalJSON writes it, without allocating.
func (t Timestamp) AppendJSON(dst []byte) []byte {
	dst = append(dst, '"')
	dst = t.appendRFC3339(dst)
	return append(dst, '"')
}

// appendRFC3339 appends t in UTC with as many fractional digits as are needed.
func (t Timestamp) appendRFC3339(dst []byte) []byte {
	sec, nano := int64(t)/1e9, int64(t)%1e9
	if nano < 0 {
		sec, nano = sec-1, nano+1e9
	}
	days, rest := sec/86400, sec%86400
	if rest < 0 {
		days, rest = days-1, rest+86400
	}
	y, m, d := civil(days)
	h, mi, s := rest/3600, rest/60%60, rest%60
	dst = append(dst,
		pairs[2*(y/100)], pairs[2*(y/100)+1], pairs[2*(y%100)], pairs[2*(y%100)+1], '-',
		pairs[2*m], pairs[2*m+1], '-', pairs[2*d], pairs[2*d+1], 'T',
		pairs[2*h], pairs[2*h+1], ':', pairs[2*mi], pairs[2*mi+1], ':', pairs[2*s], pairs[2*s+1])
	if nano != 0 {
		dst = appendFraction(dst, uint32(nano))
	}
	return append(dst, 'Z')
}

// appendFraction appends the point and the digits of nano without trailing zeros.
func appendFraction(dst []byte, nano uint32) []byte {
	a, b := nano/10000000, nano/100000%100
	c, d := nano/1000%100, nano/10%100
	dst = append(dst, '.', pairs[2*a], pairs[2*a+1], pairs[2*b], pairs[2*b+1],
		pairs[2*c], pairs[2*c+1], pairs[2*d], pairs[2*d+1], '0'+byte(nano%10))
	n := len(dst)
	for dst[n-1] == '0' {
		n--
	}
	return dst[:n]
}

// civil converts days since 1970-01-01 to a date of the Gregorian calendar
// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
// Timestamps span the years 1677 to 2262, so the year has four digits.
func civil(days int64) (y, m, d int64) {
	z := days + 719468
	era := z / 146097 // z is positive in the years of a Timestamp
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

// daysOf is the reverse of civil (days_from_civil of the same paper).
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

// two reads two decimal digits, or gives a number past every limit.
func two[T ~string | ~[]byte](s T, i int) int64 {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return 1 << 20
	}
	return int64(a)*10 + int64(b)
}

// parseRFC3339 reads RFC 3339 in any zone. The usual form (UTC, at most nine
// fractional digits) is read here; all others by package time.
func parseRFC3339[T ~string | ~[]byte](s T) (Timestamp, error) {
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

// parseTimeSlow reads everything else that RFC 3339 allows. Digits past the ninth
// are cut off.
func parseTimeSlow(s string) (Timestamp, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, errTime
	}
	ts := TimestampOf(t)
	if !ts.Time().Equal(t) { // did not fit
		return 0, errTime
	}
	return ts, nil
}
