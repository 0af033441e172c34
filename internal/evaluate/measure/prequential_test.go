package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// recorder is a Learner that records its points. The first `untrained` points have no score;
// the score of a point is its first value.
type recorder struct {
	untrained int
	points    [][]float64
}

func (r *recorder) ScoreLearn(x []float64) (float64, bool) {
	r.points = append(r.points, slices.Clone(x))
	return x[0], len(r.points) > r.untrained
}

// counting returns a table whose values are the row and the row times 10, with every fifth row
// an attack.
func counting(t *testing.T, rows int) *Table {
	t.Helper()
	var b strings.Builder
	b.WriteString("a,b,label\n")
	for i := range rows {
		attack := 0
		if i%5 == 4 {
			attack = 1
		}
		fmt.Fprintf(&b, "%d,%d,%d\n", i, 10*i, attack)
	}
	table, err := ReadTable(strings.NewReader(b.String()), "counting")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestOrderIsAPermutation(t *testing.T) {
	table := counting(t, 500)
	inFile := table.Order(false, 3)
	for i, row := range inFile {
		if i != row {
			t.Fatalf("row %d at position %d of the file's order", row, i)
		}
	}
	var earlier [][]int
	for seed := range uint64(6) {
		order := table.Order(true, seed)
		if !slices.Equal(order, table.Order(true, seed)) {
			t.Errorf("seed %d: the order is not reproducible", seed)
		}
		for _, other := range earlier {
			if slices.Equal(order, other) {
				t.Errorf("seed %d: the order is that of another seed", seed)
			}
		}
		earlier = append(earlier, order)
		if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, inFile) {
			t.Errorf("seed %d: not every row occurs once", seed)
		}
	}
}

// TestPrequential checks for combinations of skipped and untrained points that the learner
// receives every row in order, and which rows have a score.
func TestPrequential(t *testing.T) {
	table := counting(t, 100)
	for _, tt := range []struct {
		skip, untrained int
		shuffled        bool
	}{{0, 0, false}, {30, 0, false}, {0, 40, false}, {30, 40, true}, {40, 30, true}, {100, 0, false}, {0, 100, true}} {
		l := &recorder{untrained: tt.untrained}
		order := table.Order(tt.shuffled, 9)
		scores, r, err := Prequential(context.Background(), l, table, order, tt.skip)
		if err != nil || len(scores) != 100 || len(l.points) != 100 {
			t.Fatalf("%+v: %v, %d scores, %d points", tt, err, len(scores), len(l.points))
		}
		attacks, excluded := 0, max(tt.skip, tt.untrained)
		for i, row := range order {
			if !slices.Equal(l.points[i], []float64{float64(row), float64(10 * row)}) {
				t.Fatalf("%+v: point %d is %v, want row %d", tt, i, l.points[i], row)
			}
			switch {
			case i < excluded:
				if !math.IsNaN(scores[row]) {
					t.Errorf("%+v: excluded row %d has the score %v", tt, row, scores[row])
				}
				continue
			case scores[row] != float64(row):
				t.Errorf("%+v: row %d has the score %v", tt, row, scores[row])
			}
			if table.Attack[row] {
				attacks++
			}
		}
		if r.Attacks != attacks || r.Attacks+r.Benign != 100-excluded {
			t.Errorf("%+v: ranked %d attacks of %d points", tt, r.Attacks, r.Attacks+r.Benign)
		}
		if known := r.ROCAUC.Known(); known != (excluded < 100) {
			t.Errorf("%+v: ROC-AUC %v", tt, r.ROCAUC)
		}
	}
}

func TestPrequentialEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l := &recorder{}
	table := counting(t, 10)
	if _, _, err := Prequential(ctx, l, table, table.Order(false, 0), 0); !errors.Is(err, context.Canceled) || len(l.points) > 0 {
		t.Errorf("%v after %d points", err, len(l.points))
	}
}

// TestPointsText is the text of a result, with and without figures.
func TestPointsText(t *testing.T) {
	r := PointsResult{Table: "t.csv", Mode: "paper", Order: "file", Seeds: 2, Points: 1000, Columns: 3, Attacks: 10, Excluded: 250,
		Runs: []Ranking{{ROCAUC: .9, AveragePrecision: .5}, {ROCAUC: .8, AveragePrecision: .5}}}
	r.Sum()
	want := "t.csv: 1000 points of 3 columns, 10 of them attacks\n" +
		"mode paper, order file, first 250 points excluded, mean ± sd of 2 seeds\n" +
		"ROC-AUC            0.8500 ± 0.0707\n" +
		"average precision  0.5000 ± 0.0000\n"
	if got := r.String(); got != want {
		t.Errorf("text is\n%swant\n%s", got, want)
	}
	r.Runs = nil
	r.Sum()
	if got := r.String(); !strings.Contains(got, "ROC-AUC            -\n") {
		t.Errorf("without runs the text is\n%s", got)
	}
}

// TestTableCells lists what a field of a table may contain.
func TestTableCells(t *testing.T) {
	for field, want := range map[string]float64{
		"1": 1, " 2.5 ": 2.5, "-3e2": -300, "": math.NaN(), "  ": math.NaN(), "NaN": math.NaN(), "Inf": math.Inf(1), "-Inf": math.Inf(-1), "0x10p0": 16,
	} {
		table, err := ReadTable(strings.NewReader("a,b,label\n7,"+field+",1\n"), "cells")
		if err != nil {
			t.Errorf("field %q: %v", field, err)
			continue
		}
		row := table.Row(0)
		if got := row[1]; row[0] != 7 || got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("field %q is read as %v, want 7 and %v", field, row, want)
		}
	}
	for _, line := range []string{"x,1,0", "1,2", "1", "1,2,2", "1,2,", "1,2,0.5", "1,2,0,0", "1,2,-0.0,1", "1 2,3,0"} {
		table, err := ReadTable(strings.NewReader("a,b,label\n1,2,0\n\n"+line+"\n"), "bad.csv")
		if err == nil {
			t.Errorf("line %q is read as %v", line, table.Row(1))
			continue
		}
		if !strings.Contains(err.Error(), "bad.csv, line 4") {
			t.Errorf("line %q: error does not name file and line: %v", line, err)
		}
	}
}

// TestLongLine: a line above the limit is an error, not a panic or a truncated row.
func TestLongLine(t *testing.T) {
	line := strings.Repeat(" ", longestLine) + "1,0\n"
	if _, err := ReadTable(strings.NewReader("a,label\n"+line), "long"); err == nil {
		t.Error("a line above the limit returned no error")
	}
}
