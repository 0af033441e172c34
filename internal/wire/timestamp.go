package wire

import "github.com/netlyra/netlyra/internal/models"

// AppendTimestamp appends t as a JSON string, as Timestamp.MarshalJSON writes it,
// without allocating.
func AppendTimestamp(dst []byte, t models.Timestamp) []byte {
	dst = append(dst, '"')
	dst = AppendRFC3339(dst, t)
	return append(dst, '"')
}

// AppendRFC3339 appends t in UTC with as many fractional digits as needed.
func AppendRFC3339(dst []byte, t models.Timestamp) []byte {
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
