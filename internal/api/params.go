package api

import (
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
)

// params parses the parameters of a query and collects errors. Parameters that no method
// was called for are errors too: ignoring a misspelled filter would return a longer list.
type params struct {
	values url.Values
	known  map[string]bool
	errs   []httpserver.FieldError
}

func newParams(rawQuery string) *params {
	p := &params{known: map[string]bool{}}
	var err error
	if p.values, err = url.ParseQuery(rawQuery); err != nil {
		p.errs = append(p.errs, httpserver.FieldError{In: "query", Detail: "is malformed: " + err.Error()})
	}
	return p
}

func (p *params) bad(name, format string, args ...any) {
	p.errs = append(p.errs, httpserver.FieldError{In: "query", Field: name, Detail: fmt.Sprintf(format, args...)})
}

// text returns the value of name; ok is false if it is absent or invalid.
func (p *params) text(name string, longest int) (v string, ok bool) {
	p.known[name] = true
	switch all := p.values[name]; {
	case len(all) == 0:
		return "", false
	case len(all) > 1:
		p.bad(name, "is repeated %d times", len(all))
	case all[0] == "":
		p.bad(name, "is empty")
	case len(all[0]) > longest:
		p.bad(name, "must have at most %d bytes", longest)
	case !utf8.ValidString(all[0]) || strings.ContainsRune(all[0], 0):
		p.bad(name, "is not valid UTF-8 text")
	default:
		return all[0], true
	}
	return "", false
}

func (p *params) time(name string) *models.Timestamp {
	v, ok := p.text(name, 64)
	if !ok {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, v)
	if err != nil && strings.Contains(v, " ") { // an unescaped "+" in a query is a space
		if _, plus := time.Parse(time.RFC3339Nano, strings.Replace(v, " ", "+", 1)); plus == nil {
			p.bad(name, "has a space before its offset: encode the + as %%2B, or use UTC, such as 2026-01-29T12:00:00Z")
			return nil
		}
	}
	if err != nil || t.Year() < 1678 || t.Year() > 2261 { // range of models.Timestamp
		p.bad(name, "must be an RFC 3339 time such as 2026-01-29T12:00:00Z")
		return nil
	}
	ts := models.TimestampOf(t)
	return &ts
}

func (p *params) prefix(name string) netip.Prefix {
	v, ok := p.text(name, 64)
	if !ok {
		return netip.Prefix{}
	}
	if a, err := netip.ParseAddr(v); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen())
	}
	pre, err := netip.ParsePrefix(v)
	if err != nil {
		p.bad(name, "must be an address or a prefix such as 10.0.0.7 or 10.0.0.0/8")
		return netip.Prefix{}
	}
	return models.UnmapPrefix(pre)
}

// whole returns a whole number within lo…hi, or standard if it is absent or invalid.
func (p *params) whole(name string, lo, hi, standard int) (n int, ok bool) {
	v, ok := p.text(name, 20)
	if !ok {
		return standard, false
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < lo || n > hi {
		p.bad(name, "must be a whole number from %d to %d", lo, hi)
		return standard, false
	}
	return n, true
}

func (p *params) fraction(name string) *float64 {
	v, ok := p.text(name, 32)
	if !ok {
		return nil
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1 {
		p.bad(name, "must be a number from 0 to 1")
		return nil
	}
	return &f
}

func (p *params) proto(name string) string {
	v, ok := p.text(name, 16)
	if !ok {
		return ""
	}
	proto, ok := models.ParseProto(v)
	if !ok {
		p.bad(name, "must be "+models.ProtoForms)
		return ""
	}
	return proto.String()
}

// list returns comma-separated values. Each must be in allowed, unless that is nil.
func list[T ~string](p *params, name string, allowed []T) []T {
	v, ok := p.text(name, 500)
	if !ok {
		return nil
	}
	var out []T
	for _, item := range strings.Split(v, ",") {
		switch {
		case item == "":
			p.bad(name, "has an empty item")
			return nil
		case allowed != nil && !slices.Contains(allowed, T(item)):
			p.bad(name, "must be comma-separated values of %v", allowed)
			return nil
		}
		out = append(out, T(item))
	}
	return out
}

// sort returns comma-separated fields; a minus sign sorts in descending order. The store
// checks the names.
func (p *params) sort() (keys []models.SortKey) {
	for _, f := range list[string](p, "sort", nil) {
		name, desc := strings.CutPrefix(f, "-")
		keys = append(keys, models.SortKey{Field: name, Desc: desc})
	}
	return keys
}

// done adds an error for each unknown parameter and returns all errors.
func (p *params) done() []httpserver.FieldError {
	var unknown []string
	for name := range p.values {
		if !p.known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		p.bad(name, "is not a parameter of this route")
	}
	return p.errs
}
