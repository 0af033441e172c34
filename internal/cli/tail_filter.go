package cli

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// fieldFilter selects records by their JSON fields.
type fieldFilter []fieldTest

// fieldTest is one comparison.
type fieldTest struct {
	field, op, value string
	number           float64
	numeric          bool
	prefix           netip.Prefix
}

// operators, longer ones before their prefixes.
var operators = []string{">=", "<=", "!=", "=", ">", "<"}

// parseFieldFilter parses tests separated by commas, for example
// ip=10.0.0.0/8,port=443,score>=0.9. All must match. ip and port match either end.
func parseFieldFilter(s string) (fieldFilter, error) {
	var f fieldFilter
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		t, err := parseFieldTest(part)
		if err != nil {
			return nil, err
		}
		f = append(f, t)
	}
	return f, nil
}

func parseFieldTest(s string) (t fieldTest, err error) {
	at := strings.IndexAny(s, "<>=!")
	if at <= 0 {
		return t, usagef("--filter %q: must be FIELD=VALUE, for example ip=10.0.0.7 or score>=0.9, separated by commas", s)
	}
	for _, op := range operators {
		if strings.HasPrefix(s[at:], op) {
			t.field, t.op, t.value = strings.TrimSpace(s[:at]), op, strings.TrimSpace(s[at+len(op):])
			break
		}
	}
	if t.op == "" {
		return t, usagef("--filter %q: must have one of %s", s, strings.Join(operators, " "))
	}
	t.number, err = strconv.ParseFloat(t.value, 64)
	t.numeric = err == nil
	if strings.ContainsAny(t.op, "<>") && !t.numeric {
		return t, usagef("--filter %q: %s compares numbers, and %q is not a number", s, t.op, t.value)
	}
	if p, err := netip.ParsePrefix(t.value); err == nil {
		t.prefix = p
	}
	return t, nil
}

// match reports whether a record passes every test.
func (f fieldFilter) match(record map[string]any) bool {
	for _, t := range f {
		if !t.match(record) {
			return false
		}
	}
	return true
}

func (t *fieldTest) match(record map[string]any) bool {
	switch t.field {
	case "ip":
		return t.either(record["src_ip"], record["dst_ip"])
	case "port":
		return t.either(record["src_port"], record["dst_port"])
	}
	v, ok := record[t.field]
	return (ok || t.op == "!=") && t.holds(v)
}

// either tests the fields of both ends: != must hold for both, other operators for one.
func (t *fieldTest) either(a, b any) bool {
	if t.op == "!=" {
		return t.holds(a) && t.holds(b)
	}
	return t.holds(a) || t.holds(b)
}

func (t *fieldTest) holds(v any) bool {
	number, isNumber := v.(float64)
	switch t.op {
	case "=":
		return t.equal(v)
	case "!=":
		return !t.equal(v)
	case ">=":
		return isNumber && number >= t.number
	case "<=":
		return isNumber && number <= t.number
	case ">":
		return isNumber && number > t.number
	default:
		return isNumber && number < t.number
	}
}

func (t *fieldTest) equal(v any) bool {
	if number, ok := v.(float64); ok && t.numeric {
		return number == t.number
	}
	text := fmt.Sprint(v)
	if t.prefix.IsValid() {
		ip, err := netip.ParseAddr(text)
		return err == nil && t.prefix.Contains(ip)
	}
	return strings.EqualFold(text, t.value)
}
