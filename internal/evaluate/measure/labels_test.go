package measure

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestReadLabels(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		want  string // per packet: b for benign, else the index in names
		names []string
	}{
		"commas with a header":     {"index,label\n1,0\n2,1\n3,0\n", "b0b", []string{"attack"}},
		"semicolons without":       {"1;0\n2;1\n", "b0", []string{"attack"}},
		"names":                    {"index,label,attack\n1,1,scan\n2,0,\n3,1,flood\n4,1,scan\n", "0b10", []string{"scan", "flood"}},
		"any order, with gaps":     {"5,1\n2,0\n", "bbbb0", []string{"attack"}},
		"a byte order mark, CRLF":  {"\ufeffindex;label\r\n1;1\r\n2;0\r\n", "0b", []string{"attack"}},
		"a mark before the number": {"\ufeff1;1\n2;0\n", "0b", []string{"attack"}},
		"no attacks":               {"1,0\n", "b", nil},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := ReadLabels(strings.NewReader(c.text), "x.csv")
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for i := range l.Last() {
				if at := l.At(i); at < 0 {
					got += "b"
				} else {
					got += string(rune('0' + at))
				}
			}
			if got != c.want || !slices.Equal(l.Names, c.names) || l.At(l.Last()) != -1 {
				t.Errorf("%s with names %q, want %s with %q", got, l.Names, c.want, c.names)
			}
		})
	}
}

func TestBadLabels(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "no line",
		"index,label\n":          "no line",
		"index,label\n1,2\n":     "line 2: label \"2\"",
		"1,0\n0,1\n":             "line 2: index \"0\"",
		"1,0\nx\n":               "line 2: \"x\"",
		"1,0\n99999999999,1\n":   "line 2: index",
		"1,0\n2,benign\n":        "label \"benign\"",
		"index\n1\n2\n":          "line 2",
		strings.Repeat("x", 1e5): "too long",
	} {
		if _, err := ReadLabels(strings.NewReader(text), "x.csv"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "x.csv") {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

func TestReadTable(t *testing.T) {
	tab, err := ReadTable(strings.NewReader("a,b,label\n1, 2.5,0\n-3e4,,1\n\n4,5,1.0\n"), "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	if tab.Columns != 2 || tab.Rows() != 3 || tab.Attacks != 2 || !slices.Equal(tab.Attack, []bool{false, true, true}) {
		t.Fatalf("%+v", tab)
	}
	if r := tab.Row(1); r[0] != -3e4 || !math.IsNaN(r[1]) || tab.Row(0)[1] != 2.5 {
		t.Errorf("%v", tab.values)
	}
}

func TestBadTables(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "no points",
		"a,label\n":        "no points",
		"label\n1\n":       "one column",
		"a,label\n1\n":     "line 2: 1 columns",
		"a,label\nx,1\n":   "column 1: \"x\"",
		"a,label\n1,2\n":   "label \"2\"",
		"a,label\n1,1,1\n": "label \"1,1\"",
		"a,label\n1,\n":    "label \"\"",
	} {
		if _, err := ReadTable(strings.NewReader(text), "x.csv"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
