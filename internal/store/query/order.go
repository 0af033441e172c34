package query

import (
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// Sortable maps the fields by which a list can be ordered to their SQL expressions.
type Sortable map[string]string

// maxSortKeys limits an order; more keys never change the result in practice.
const maxSortKeys = 4

// Key is one expression of an order.
type Key struct {
	expr string
	desc bool
}

// Order resolves keys, or standard if keys is empty, and appends the row number, which
// makes every order total. The row number has the direction of the last key, so that one
// index serves both.
func (s Sortable) Order(keys, standard []models.SortKey) ([]Key, error) {
	if len(keys) == 0 {
		keys = standard
	}
	if len(keys) > maxSortKeys {
		return nil, &models.QueryError{Field: "sort", Reason: "must have at most 4 keys"}
	}
	var out []Key
	seen := map[string]bool{}
	for _, k := range keys {
		expr, ok := s[k.Field]
		if !ok {
			return nil, &models.QueryError{Field: "sort", Reason: "has an unknown field: " + k.Field}
		}
		if seen[k.Field] {
			return nil, &models.QueryError{Field: "sort", Reason: "contains " + k.Field + " twice"}
		}
		seen[k.Field] = true
		out = append(out, Key{expr, k.Desc})
	}
	return append(out, Key{"seq", out[len(out)-1].desc}), nil
}

// orderSQL returns the expressions of the ORDER BY clause.
func orderSQL(keys []Key) string {
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

// after returns the condition that a row comes after the one whose keys have these
// values. The first term is implied by the others; it lets an index on the first key
// start there.
func after(keys []Key, values []any) (cond string, args []any) {
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
