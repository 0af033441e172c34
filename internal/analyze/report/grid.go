package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// grid is a table with aligned columns.
type grid struct {
	head  []string
	right []bool // columns with numbers
	rows  [][]string
}

func (g *grid) row(cells ...string) { g.rows = append(g.rows, cells) }

// write appends the grid, indented by two spaces.
func (g *grid) write(b *strings.Builder) {
	all := append([][]string{g.head}, g.rows...)
	width := make([]int, len(g.head))
	for _, row := range all {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			line.WriteString("  ")
			if g.right[i] {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// Number returns n with commas between the thousands.
func Number(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Bytes returns n in the largest SI unit in which it is at least 1.
func Bytes(n uint64) string { return scaled(float64(n), "B", "kB", "MB", "GB", "TB", "PB", "EB") }

// bits returns a bit rate with its unit.
func bits(perSecond float64) string {
	return scaled(perSecond, "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s")
}

// scaled returns v in the largest unit in which it is at least 1, with about three digits.
func scaled(v float64, units ...string) string {
	i := 0
	for v >= 999.5 && i < len(units)-1 {
		v /= 1000
		i++
	}
	digits := 0
	if i > 0 && v < 99.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + units[i]
}

// percent returns n as a share of total.
func percent(n, total uint64) string {
	if total == 0 {
		return ""
	}
	p := 100 * float64(n) / float64(total)
	switch {
	case n > 0 && p < 0.1:
		return "<0.1 %"
	case p >= 99.95:
		return "100 %"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

// wrapped returns text in indented lines of at most width characters.
func wrapped(text, indent string, width int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			b.WriteString(indent)
			used = len(indent)
		case used+1+n > width:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	if used > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}
