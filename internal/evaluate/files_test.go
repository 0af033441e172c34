package evaluate

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
)

// TestScoreLines reads the scores of random tables back: every score keeps its digits, and
// excluded points have an empty field.
func TestScoreLines(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var text strings.Builder
		text.WriteString("a,label\n")
		rows, seeds := 1+rnd.IntN(50), 1+rnd.IntN(4)
		for range rows {
			fmt.Fprintf(&text, "1,%d\n", rnd.IntN(2))
		}
		table, err := measure.ReadTable(strings.NewReader(text.String()), "t")
		if err != nil {
			t.Fatal(err)
		}
		scores := make([][]float64, seeds)
		for s := range scores {
			for range rows {
				v := rnd.NormFloat64() * math.Pow(10, float64(rnd.IntN(20)-10))
				if rnd.IntN(4) == 0 {
					v = math.NaN()
				}
				scores[s] = append(scores[s], v)
			}
		}
		var out bytes.Buffer
		if err := scoreLines(&out, table, scores); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(lines) != rows+1 || len(lines[0]) != seeds+2 {
			t.Fatalf("seed %d: %d lines of %v, %v", seed, len(lines), lines[0], err)
		}
		for row, line := range lines[1:] {
			if line[0] != fmt.Sprint(row+1) || (line[1] == "1") != table.Attack[row] {
				t.Fatalf("seed %d: row %d is %q", seed, row, line)
			}
			for s := range scores {
				got, err := strconv.ParseFloat(line[2+s], 64)
				if want := scores[s][row]; math.IsNaN(want) && line[2+s] != "" || !math.IsNaN(want) && (err != nil || got != want) {
					t.Fatalf("seed %d: row %d has the score %q, want %v", seed, row, line[2+s], want)
				}
			}
		}
		if single := lines[0][2] == "score"; single != (seeds == 1) || seeds > 1 && lines[0][seeds+1] != fmt.Sprint("score_", seeds) {
			t.Errorf("header %q of %d seeds", lines[0], seeds)
		}
	}
}

// limitedWriter fails after n bytes.
type limitedWriter struct{ n int }

var errLimit = errors.New("no space left")

func (w *limitedWriter) Write(b []byte) (int, error) {
	if w.n -= len(b); w.n < 0 {
		return 0, errLimit
	}
	return len(b), nil
}

func TestScoreLinesReturnWriteErrors(t *testing.T) {
	table, err := measure.ReadTable(strings.NewReader("a,label\n1,0\n2,1\n"), "t")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]error{0: errLimit, 20: errLimit, 27: errLimit, 1000: nil} {
		if err := scoreLines(&limitedWriter{n}, table, [][]float64{{0.25, 0.75}}); !errors.Is(err, want) {
			t.Errorf("error %v after %d bytes, want %v", err, n, want)
		}
	}
}

// TestReadTableFiles: plain and compressed files have the same content; a truncated archive is an
// error that names the file.
func TestReadTableFiles(t *testing.T) {
	dir, text := t.TempDir(), "a,b,label\n"
	for i := range 5000 {
		text += fmt.Sprintf("%d,%d,%d\n", i, i*i%97, i%2)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain, err := readTable(file("plain.csv", []byte(text)))
	if err != nil || plain.Rows() != 5000 || plain.Attacks != 2500 {
		t.Fatalf("%v, %+v", err, plain)
	}
	packed, err := readTable(file("packed.csv", zipped.Bytes())) // recognized by its content
	if err != nil || packed.Rows() != plain.Rows() || packed.Row(4999)[1] != plain.Row(4999)[1] {
		t.Fatalf("%v, %+v", err, packed)
	}
	for n := 3; n < zipped.Len(); n += 1 + zipped.Len()/50 {
		name := file("cut.gz", zipped.Bytes()[:n])
		if _, err := readTable(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%d of %d bytes: %v", n, zipped.Len(), err)
		}
	}
	for name, content := range map[string]string{"empty.csv": "", "header.csv": "a,label\n", "one.csv": "label\n1\n", "words.csv": "a,label\nx,1\n"} {
		path := file(name, []byte(content))
		if _, err := readTable(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readTable(filepath.Join(dir, "missing.csv")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// TestPointsNeedMoreThanAWindow: a table that is not longer than the first window is rejected.
func TestPointsNeedMoreThanAWindow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "t.csv")
	for rows, ok := range map[int]bool{250: false, 251: true} { // the window of the modes of the literature
		text := "a,label\n" + strings.Repeat("1,0\n", rows-1) + "5,1\n"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []string{"paper", "river"} {
			r, err := Points(t.Context(), PointsConfig{Table: name, Mode: mode, Seeds: 1})
			if (err == nil) != ok {
				t.Errorf("%d points in mode %s: %v, %v", rows, mode, r, err)
			}
		}
	}
}

// TestSuiteCaptures: the captures of a kind have the attack at the same time, at a rate that
// depends on the seed; the benign ones have none.
func TestSuiteCaptures(t *testing.T) {
	for _, kind := range demo.Names() {
		k, _ := demo.Lookup(kind)
		rates := map[float64]bool{}
		for seed := range uint64(6) {
			c := suiteCapture(kind, seed+1)
			if c.Seed != seed+1 || len(c.Attacks) != 1 || c.Attacks[0].Kind != kind || c.Attacks[0].At != suiteBefore || c.Duration < suiteBefore+k.For {
				t.Errorf("%s, seed %d: %+v", kind, seed+1, c)
			}
			rates[c.Attacks[0].Rate/k.Rate] = true
			if _, err := demo.New(c); err != nil {
				t.Errorf("%s, seed %d: %v", kind, seed+1, err)
			}
		}
		if !rates[0.5] || !rates[1] || !rates[2] || len(rates) != 3 {
			t.Errorf("%s: rates %v of the default, want 0.5, 1 and 2", kind, rates)
		}
	}
	if c := suiteCapture(suiteBenign, 1); len(c.Attacks) != 0 || c.Duration != suiteAlone {
		t.Errorf("benign capture %+v", c)
	}
}
