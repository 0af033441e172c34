package features

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/models"
)

// Describe writes a value as a sentence without its full stop, together with what is
// typical: "479 connection attempts of the source were refused or got no answer in the
// last minute (typical: at most 5)". typical is the learned 5th and 95th percentile; p is
// the protocol of the packet, as a service port of ICMP is a message type.
func (f *Feature) Describe(p models.Proto, value float64, typical [2]float64) string {
	switch {
	case f.Name == "service_port" && isICMP(p):
		return "The ICMP message type is " + f.Unit.Number(value)
	case f.Name == "flag_oddity" && p != models.ProtoTCP:
		return "The packet has no TCP flags, as its protocol is " + p.String()
	}
	var notes []string
	if s := f.typically(value, typical); s != "" {
		notes = append(notes, "typical: "+s)
	}
	s := f.statement(value)
	if f.Note != "" && s != f.Zero {
		notes = append(notes, f.Note)
	}
	if len(notes) > 0 && f.within(value, typical) {
		notes = append(notes, "anomalous only in combination")
	}
	if len(notes) > 0 {
		s += " (" + strings.Join(notes, "; ") + ")"
	}
	return capital(s)
}

// statement is Describe without what is typical.
func (f *Feature) statement(value float64) string {
	if c := f.class(value); c != nil {
		return c.Phrase
	}
	if f.Zero != "" && f.Unit.Number(value) == f.Unit.Number(0) {
		return f.Zero
	}
	if f.Name == "conn_gap" && value == firstPacketGap {
		return "the packet is the first of its connection"
	}
	return strings.ReplaceAll(f.Phrase, Placeholder, f.Unit.Quantity(value))
}

// DescribeLimit writes the change of a behavior that would have prevented an alert: "ports
// without success below 13 instead of 480".
func (f *Feature) DescribeLimit(value, limit float64) string {
	name := f.DisplayName
	if _, n := utf8.DecodeRuneInString(name); !unicode.IsUpper(rune(name[n])) { // not "ICMP errors"
		name = strings.ToLower(name[:n]) + name[n:]
	}
	to, from := f.Unit.Number(limit), f.Unit.Number(value)
	if to == from {
		return name + " slightly below " + from
	}
	return name + " below " + to + " instead of " + from
}

// classWithin is how far a learned percentile may be from the value of its class: half
// the width of a bin of the histogram that it is taken from.
const classWithin = 0.01

// class is the class of a value, nil if the feature has none.
func (f *Feature) class(value float64) *Class {
	for i := range f.Classes {
		if c := &f.Classes[i]; value > c.Value-classWithin && value < c.Value+classWithin {
			return c
		}
	}
	return nil
}

// typically says what is typical beside a value: "at most 5", "2 to 5", "TCP or UDP".
// It is empty where nothing can be said.
func (f *Feature) typically(value float64, typical [2]float64) string {
	if f.Unit == UnitClass {
		return f.classesIn(typical)
	}
	low, high, v := f.Unit.Number(typical[0]), f.Unit.Number(typical[1]), f.Unit.Number(value)
	switch {
	case low == high && v == low:
		return "the same"
	case low == high:
		return low
	case value > typical[1] && v != high:
		return "at most " + high
	case value < typical[0] && v != low:
		return "at least " + low
	}
	if low == f.Unit.Number(0) {
		return "at most " + high
	}
	return between(low, high)
}

// within reports whether a value is typical by itself: what makes it a reason is then its
// combination with other features.
func (f *Feature) within(value float64, typical [2]float64) bool {
	if f.Unit == UnitClass {
		c := f.class(value)
		return c != nil && c.Value > typical[0]-classWithin && c.Value < typical[1]+classWithin
	}
	return value >= typical[0] && value <= typical[1] && typical[0] < typical[1]
}

// between writes a range with its unit once where both ends have the same.
func between(low, high string) string {
	if i, j := strings.LastIndexByte(low, ' '), strings.LastIndexByte(high, ' '); i >= 0 && j >= 0 && low[i:] == high[j:] {
		low = low[:i]
	}
	return low + " to " + high
}

// classesIn lists the classes in a range.
func (f *Feature) classesIn(typical [2]float64) string {
	var names []string
	for _, c := range f.Classes {
		if c.Value > typical[0]-classWithin && c.Value < typical[1]+classWithin {
			names = append(names, c.Name)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
