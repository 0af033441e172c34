package features

import (
	"math"
	"strconv"
	"strings"
)

// Unit is the unit of a feature's values.
type Unit string

// The units.
const (
	UnitBytes              Unit = "bytes"
	UnitBytesPerSecond     Unit = "bytes/s"
	UnitBytesPerConnection Unit = "bytes/connection"
	UnitBitsPerByte        Unit = "bits/byte" // Shannon entropy, 0…8
	UnitPackets            Unit = "packets"
	UnitPacketsPerSecond   Unit = "packets/s"
	UnitConnections        Unit = "connections" // connection attempts, whether answered or not
	UnitPorts              Unit = "ports"
	UnitHosts              Unit = "hosts"
	UnitPort               Unit = "port" // the number of a port
	UnitSeconds            Unit = "s"
	UnitShare              Unit = "share"            // 0…1, shown in per cent
	UnitClass              Unit = "class"            // one of Feature.Classes
	UnitRegularity         Unit = "regularity"       // 0…8: log2 of mean / mean deviation
	UnitNovelty            Unit = "novelty"          // 0…12: −log2 of a probability
	UnitCalls              Unit = "calls regularity" // 0…40: regularity of intervals times similarity of amounts
	UnitDomains            Unit = "domains"
	UnitClaims             Unit = "claims"
	UnitRequests           Unit = "requests"
	UnitExchanges          Unit = "exchanges"
	UnitEvidence           Unit = "evidence"            // −log10 of a probability, summed
	UnitDeviations         Unit = "standard deviations" // above the baseline of a service
)

// nouns are what the units that count are counting, in the singular.
var nouns = map[Unit]string{
	UnitPackets: "packet", UnitConnections: "connection attempt", UnitPorts: "port", UnitHosts: "host", UnitClaims: "claim", UnitRequests: "request", UnitExchanges: "exchange", UnitDomains: "domain", UnitDeviations: "standard deviation",
}

// Quantity writes a value with its unit: "12 ports", "1.2 MB/s", "85%". For UnitClass it
// writes the bare number.
func (u Unit) Quantity(v float64) string {
	if noun, ok := nouns[u]; ok {
		s := u.Number(v)
		switch s {
		case "1":
			return "1 " + noun
		case "0":
			return "no " + noun + "s"
		}
		return s + " " + noun + "s"
	}
	switch s := u.Number(v); u {
	case UnitBytes, UnitBytesPerConnection:
		if s == "1 B" {
			return "1 byte"
		}
		if n, ok := strings.CutSuffix(s, " B"); ok {
			return n + " bytes"
		}
		return s
	case UnitBitsPerByte:
		return s + " bits per byte"
	case UnitRegularity:
		return s + " of 8"
	case UnitCalls:
		return s + " of 40"
	case UnitNovelty:
		return s + " of 12"
	default:
		return s
	}
}

// Number writes a value without the noun of its unit, as in a range: "12", "1.2 MB/s",
// "85%".
func (u Unit) Number(v float64) string {
	switch u {
	case UnitBytes, UnitBytesPerConnection:
		return Bytes(v)
	case UnitBytesPerSecond:
		return Bytes(v) + "/s"
	case UnitPacketsPerSecond:
		return rounded(v) + " packets/s"
	case UnitPackets, UnitConnections, UnitPorts, UnitHosts, UnitClaims, UnitDomains, UnitRequests, UnitExchanges:
		return Count(v)
	case UnitPort:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case UnitSeconds:
		return Duration(v)
	case UnitShare:
		return strconv.FormatFloat(math.Floor(100*v+1e-9), 'f', 0, 64) + "%" // 100% only for all
	case UnitBitsPerByte, UnitRegularity, UnitNovelty, UnitDeviations, UnitCalls, UnitEvidence:
		return trimmed(v)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Count writes a number of things: exact below 1000, three digits from there.
func Count(v float64) string {
	if v < 999.5 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	if v >= 999.5e3 {
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " million"
	}
	step := math.Pow(10, math.Floor(math.Log10(v))-2)
	s := strconv.FormatFloat(math.Round(v/step)*step, 'f', 0, 64)
	return s[:len(s)-3] + "," + s[len(s)-3:]
}

// Plural writes a count with its noun: "1 port", "1,230 ports".
func Plural(v float64, noun string) string {
	s := Count(v)
	if s == "1" {
		return s + " " + noun
	}
	return s + " " + noun + "s"
}

// Bytes writes an amount of bytes with a decimal prefix and up to three digits: "512 B",
// "1.25 MB".
func Bytes(v float64) string {
	prefix := ""
	for _, next := range []string{"k", "M", "G", "T", "P"} {
		if v < 999.5 {
			break
		}
		v, prefix = v/1000, next
	}
	digits := 0
	if prefix != "" {
		digits = max(2-int(math.Log10(max(v, 1))), 0)
	}
	return plain(v, digits) + " " + prefix + "B"
}

// Duration writes seconds with the unit that fits: "350 ms", "2.5 s", "5 minutes".
func Duration(v float64) string {
	switch {
	case v < 0.001:
		return "less than 1 ms"
	case v < 0.9995:
		return plain(v*1000, 0) + " ms"
	case v < 9.95:
		return plain(v, 1) + " s"
	case v < 119.5:
		return plain(v, 0) + " s"
	case v < 7170:
		return plain(v/60, 0) + " minutes"
	case v < 48*3600:
		return plain(v/3600, 1) + " hours"
	}
	return plain(v/86400, 1) + " days"
}

// rounded writes a rate: one digit after the point below 10, three digits above.
func rounded(v float64) string {
	if v < 9.95 {
		return trimmed(v)
	}
	return Count(v)
}

// trimmed writes one digit after the point unless that is zero.
func trimmed(v float64) string { return plain(v, 1) }

// plain writes at most this many digits after the point, without trailing zeros.
func plain(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if digits > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
