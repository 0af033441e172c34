package measure

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Table contains labeled points in file order.
type Table struct {
	Columns int // without the label
	Attack  []bool
	Attacks int
	values  []float64 // row-major
}

// Rows returns the number of points.
func (t *Table) Rows() int { return len(t.Attack) }

// Row returns the values of point i; NaN for missing values.
func (t *Table) Row(i int) []float64 { return t.values[i*t.Columns : (i+1)*t.Columns] }

// longestLine is the maximum length of a line, in bytes.
const longestLine = 1 << 20

// ReadTable reads CSV: a header, then numbers; the last column is the label, 1 for an
// attack and 0 otherwise. An empty field is a missing value. name is the file name for
// errors.
func ReadTable(r io.Reader, name string) (*Table, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), longestLine)
	t := &Table{}
	for line := 1; in.Scan(); line++ {
		text := bytes.TrimSpace(in.Bytes())
		if len(text) == 0 {
			continue
		}
		if t.Columns == 0 {
			if t.Columns = bytes.Count(text, []byte(",")); t.Columns == 0 {
				return nil, fmt.Errorf("table %s, line %d: the header has one column, want numbers and a label", name, line)
			}
			continue
		}
		if err := t.row(text); err != nil {
			return nil, fmt.Errorf("table %s, line %d: %w", name, line, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	if t.Rows() == 0 {
		return nil, fmt.Errorf("table %s has no points", name)
	}
	return t, nil
}

func (t *Table) row(text []byte) error {
	for i := range t.Columns {
		field, rest, more := bytes.Cut(text, []byte(","))
		if !more {
			return fmt.Errorf("%d columns, the header has %d", i+1, t.Columns+1)
		}
		v, err := number(field)
		if err != nil {
			return fmt.Errorf("column %d: %.20q is not a number", i+1, field)
		}
		t.values, text = append(t.values, v), rest
	}
	switch label, err := number(text); {
	case err == nil && label == 0:
		t.Attack = append(t.Attack, false)
	case err == nil && label == 1:
		t.Attack = append(t.Attack, true)
		t.Attacks++
	default:
		return fmt.Errorf("label %.20q: want 0 or 1 in column %d, the last", text, t.Columns+1)
	}
	return nil
}

func number(field []byte) (float64, error) {
	field = bytes.TrimSpace(field)
	if len(field) == 0 {
		return math.NaN(), nil
	}
	return strconv.ParseFloat(string(field), 64)
}
