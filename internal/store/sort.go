package store

import (
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// sortable is a field that a list can be ordered by: the expression in SQL.
type sortable map[string]string

var (
	alertSort = sortable{
		"ts": "ts", "last_ts": "last_ts", "score": "score", "count": "count", "severity": "severity_rank", "kind": "kind",
		"state": "state", "src_ip": "src_key", "dst_ip": "dst_key", "src_port": "src_port", "dst_port": "dst_port", "proto": "proto",
	}
	connectionSort = sortable{
		"ts": "ts", "last_ts": "last_ts", "duration": "duration", "state": "state", "phase": "phase_rank", "service": "service",
		"src_ip": "src_key", "dst_ip": "dst_key", "src_port": "src_port", "dst_port": "dst_port", "proto": "proto",
		"orig_packets": "orig_packets", "resp_packets": "resp_packets", "orig_bytes": "orig_bytes", "resp_bytes": "resp_bytes",
		"bytes": "orig_bytes + resp_bytes", "packets": "orig_packets + resp_packets",
	}
	alertOrder      = []models.SortKey{{Field: "ts", Desc: true}}
	connectionOrder = []models.SortKey{{Field: "last_ts", Desc: true}}
)

// maxSortKeys bounds an order: more keys than this never change it in practice.
const maxSortKeys = 4

// AlertSortFields lists the fields by which alerts can be ordered.
func AlertSortFields() []string { return alertSort.fields() }

// ConnectionSortFields lists the fields by which connections can be ordered.
func ConnectionSortFields() []string { return connectionSort.fields() }

func (s sortable) fields() []string {
	out := make([]string, 0, len(s))
	for f := range s {
		out = append(out, f)
	}
	return out
}

// orderKey is one column of an order.
type orderKey struct {
	expr string
	desc bool
}

// order resolves keys, or the default, and adds the row's number, which makes every
// order total. It runs the way of the last key, so that an index serves both.
func (s sortable) order(keys, standard []models.SortKey) ([]orderKey, error) {
	if len(keys) == 0 {
		keys = standard
	}
	if len(keys) > maxSortKeys {
		return nil, &models.QueryError{Field: "sort", Reason: "has more than 4 keys"}
	}
	var out []orderKey
	seen := map[string]bool{}
	for _, k := range keys {
		expr, ok := s[k.Field]
		if !ok {
			return nil, &models.QueryError{Field: "sort", Reason: "cannot be by " + k.Field}
		}
		if seen[k.Field] {
			return nil, &models.QueryError{Field: "sort", Reason: "names " + k.Field + " twice"}
		}
		seen[k.Field] = true
		out = append(out, orderKey{expr, k.Desc})
	}
	return append(out, orderKey{"seq", out[len(out)-1].desc}), nil
}

// orderSQL is the ORDER BY clause's content.
func orderSQL(keys []orderKey) string {
	var b strings.Builder
	for i, k := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(k.expr)
		if k.desc {
			b.WriteString(" DESC")
		}
	}
	return b.String()
}

// after is the condition that a row stands behind the one whose keys have values. The
// first term repeats what the others imply, so that an index on the first key can
// begin there.
func after(keys []orderKey, values []any) (cond string, args []any) {
	var b strings.Builder
	b.WriteString(keys[0].expr + map[bool]string{false: " >= ?", true: " <= ?"}[keys[0].desc] + " AND (")
	args = append(args, values[0])
	for i := range keys {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteByte('(')
		for j := 0; j < i; j++ {
			b.WriteString(keys[j].expr + " = ? AND ")
			args = append(args, values[j])
		}
		b.WriteString(keys[i].expr + map[bool]string{false: " > ?", true: " < ?"}[keys[i].desc] + ")")
		args = append(args, values[i])
	}
	b.WriteByte(')')
	return b.String(), args
}
