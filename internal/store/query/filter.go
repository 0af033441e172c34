package query

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// Where collects the conditions of a query, joined by AND. Its zero value matches every
// row.
type Where struct {
	conds []string
	args  []any
}

// Add adds a condition and the values of its placeholders.
func (w *Where) Add(cond string, args ...any) {
	w.conds = append(w.conds, cond)
	w.args = append(w.args, args...)
}

func (w *Where) sql() string {
	if len(w.conds) == 0 {
		return "1"
	}
	return strings.Join(w.conds, " AND ")
}

// In requires that the column has one of the values. Without values it adds nothing.
func In[T ~string](w *Where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = "?"
		w.args = append(w.args, string(v))
	}
	w.conds = append(w.conds, column+" IN ("+strings.Join(marks, ",")+")")
}

// IntList formats values for the operator IN.
func IntList(values []int) string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = strconv.Itoa(v)
	}
	return "(" + strings.Join(text, ",") + ")"
}

// Filter adds the conditions that alerts and connections share. f.Q is searched in the
// columns named by text.
func (w *Where) Filter(f models.Filter, text ...string) {
	if f.Since != nil {
		w.Add("ts >= ?", *f.Since)
	}
	if f.Until != nil {
		w.Add("ts <= ?", *f.Until)
	}
	if f.IP.IsValid() {
		w.prefix(f.IP)
	}
	if f.Port != nil {
		w.Add("(src_port = ? OR dst_port = ?)", int64(*f.Port), int64(*f.Port))
	}
	if f.Proto != "" {
		w.Add("proto = ? COLLATE NOCASE", f.Proto)
	}
	if f.Q != "" {
		pattern := "%" + likeEscape.Replace(f.Q) + "%"
		var or []string
		for _, c := range text {
			or = append(or, c+` LIKE ? ESCAPE '\'`)
			w.args = append(w.args, pattern)
		}
		w.conds = append(w.conds, "("+strings.Join(or, " OR ")+")")
	}
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// prefix requires that the source or the destination lies in p. The keys of a prefix form
// one range. An IPv6 prefix that contains ::ffff:0:0/96 excludes the IPv4 addresses that
// are stored there.
func (w *Where) prefix(p netip.Prefix) {
	lo, hi := keyRange(p)
	for _, k := range []string{"src_key", "dst_key"} {
		cond := k + " BETWEEN ? AND ?"
		w.args = append(w.args, lo, hi)
		if p.Addr().Is6() && !p.Addr().Is4In6() && p.Bits() < 96 {
			v4lo, v4hi := keyRange(netip.MustParsePrefix("0.0.0.0/0"))
			cond += " AND NOT " + k + " BETWEEN ? AND ?"
			w.args = append(w.args, v4lo, v4hi)
		}
		if k == "src_key" {
			w.conds = append(w.conds, "("+cond+" OR ")
		} else {
			w.conds[len(w.conds)-1] += cond + ")"
		}
	}
}

// Narrow reports whether p is so small (a /24 or /64 at most) that the index of addresses
// is the best one to use.
func Narrow(p netip.Prefix) bool {
	return p.IsValid() && (p.Addr().Is4() && p.Bits() >= 24 || p.Addr().Is6() && p.Bits() >= 64)
}

// keyRange returns the first and the last key of p.
func keyRange(p netip.Prefix) (lo, hi []byte) {
	p = p.Masked()
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	a := p.Addr().As16()
	b := a
	for i := bits; i < 128; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return a[:], b[:]
}
