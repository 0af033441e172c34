package store

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// where collects the conditions of a query, joined by AND.
type where struct {
	conds []string
	args  []any
}

func (w *where) add(cond string, args ...any) {
	w.conds = append(w.conds, cond)
	w.args = append(w.args, args...)
}

func (w *where) sql() string {
	if len(w.conds) == 0 {
		return "1"
	}
	return strings.Join(w.conds, " AND ")
}

// in adds that column has one of the values; none is no condition.
func in[T ~string](w *where, column string, values []T) {
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

// intList is a list for IN.
func intList(values []int) string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = strconv.Itoa(v)
	}
	return "(" + strings.Join(text, ",") + ")"
}

// filter adds what both lists have; text names the columns in which Q is looked for.
func (w *where) filter(f models.Filter, text ...string) {
	if f.Since != nil {
		w.add("ts >= ?", *f.Since)
	}
	if f.Until != nil {
		w.add("ts <= ?", *f.Until)
	}
	if f.IP.IsValid() {
		w.prefix(f.IP)
	}
	if f.Port != nil {
		w.add("(src_port = ? OR dst_port = ?)", int64(*f.Port), int64(*f.Port))
	}
	if f.Proto != "" {
		w.add("proto = ? COLLATE NOCASE", f.Proto)
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

// prefix adds that one end lies in p. Keys of one prefix are neighbours; an IPv6
// prefix around ::ffff:0:0/96 leaves out the IPv4 addresses that are stored there.
func (w *where) prefix(p netip.Prefix) {
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

// narrow reports whether p holds few of the addresses that a network has.
func narrow(p netip.Prefix) bool {
	return p.IsValid() && (p.Addr().Is4() && p.Bits() >= 24 || p.Addr().Is6() && p.Bits() >= 64)
}

// keyRange is the first and the last key of p.
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
