package evaluate

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/config/configtest"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// TestEvalPackets evaluates a generated capture with a scan, as a user would.
func TestEvalPackets(t *testing.T) {
	dir := t.TempDir()
	capture, labels := filepath.Join(dir, "c.pcap"), filepath.Join(dir, "c.csv")
	w, err := demo.WriteFiles(t.Context(), demo.FilesConfig{
		Capture: capture, Labels: labels, Seed: 3, Duration: 30 * time.Second, Attacks: []string{demo.SYNScan},
		Start: models.TimestampOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := configtest.Defaults(t)
	r, err := Packets(t.Context(), cfg, capture, labels, settings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if uint64(r.Packets) != w.Frames || uint64(r.Attacks) != w.Attacks {
		t.Errorf("%d packets, %d of attacks; want %d and %d", r.Packets, r.Attacks, w.Frames, w.Attacks)
	}
	if !r.Detected || r.ROCAUC < .9 || len(r.ByAttack) != 1 || r.ByAttack[0].Name != demo.SYNScan {
		t.Errorf("%s", r)
	}
	again, err := Packets(t.Context(), cfg, capture, labels, settings.Options{})
	if err != nil || again.String() != r.String() {
		t.Errorf("the second run of the same capture differs:\n%s%v", again, err)
	}

	more, err := os.OpenFile(labels, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(more, "%d,1,\n", w.Frames+1)
	more.Close()
	if _, err := Packets(t.Context(), cfg, capture, labels, settings.Options{}); err == nil || !strings.Contains(err.Error(), labels) {
		t.Errorf("labels beyond the last packet: %v", err)
	}
}

// TestEvalPoints evaluates a table in every mode and checks the file of scores.
func TestEvalPoints(t *testing.T) {
	dir := t.TempDir()
	name, scores := filepath.Join(dir, "t.csv.gz"), filepath.Join(dir, "s.csv")
	const rows, skip = 6000, 4096
	if err := os.WriteFile(name, table(rows), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"default", "paper", "river"} {
		r, err := Points(t.Context(), PointsConfig{Table: name, Mode: mode, Seeds: 2, Shuffled: mode != "default", Scores: scores})
		if err != nil {
			t.Fatal(err)
		}
		if r.Points != rows || r.Columns != 3 || len(r.Runs) != 2 || r.ROCAUC.Mean < .95 {
			t.Errorf("%s: %s", mode, r)
		}
		if r.Runs[0].Attacks+r.Runs[0].Benign != rows-r.Excluded {
			t.Errorf("%s: %d points measured, want all but %d", mode, r.Runs[0].Attacks+r.Runs[0].Benign, r.Excluded)
		}
	}
	if _, err := Points(t.Context(), PointsConfig{Table: name, Mode: "default", Seeds: 1, Scores: scores}); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(scores)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != rows+1 || lines[0] != "index,label,score" || lines[skip] != fmt.Sprintf("%d,0,", skip) || !strings.Contains(lines[rows], ".") {
		t.Errorf("scores: %d lines, %q, %q … %q", len(lines), lines[0], lines[skip], lines[len(lines)-1])
	}
	if _, err := Points(t.Context(), PointsConfig{Table: name, Mode: "best", Seeds: 1}); err == nil {
		t.Error("no error for an unknown mode")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Points(stopped, PointsConfig{Table: name, Mode: "default", Seeds: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// table returns points around the origin and an outlier in every hundredth row.
func table(rows int) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	rnd := rand.New(rand.NewPCG(1, 1))
	fmt.Fprintln(z, "a,b,c,label")
	for i := range rows {
		offset, label := 0., 0
		if i > 4200 && i%100 == 7 {
			offset, label = 8, 1
		}
		fmt.Fprintf(z, "%.4f,%.4f,%.1f,%d\n", rnd.NormFloat64()+offset, rnd.NormFloat64(), 1000*rnd.NormFloat64()-1000*offset, label)
	}
	z.Close()
	return b.Bytes()
}

// TestEvalSuite checks the suite against its recorded floors and against a higher one.
func TestEvalSuite(t *testing.T) {
	cfg, record := configtest.Defaults(t), filepath.Join(t.TempDir(), "floors.json")
	run := SuiteConfig{Kinds: []string{demo.SYNScan}, Seeds: 1, Record: record}
	if _, err := Suite(t.Context(), cfg, run); err != nil {
		t.Fatal(err)
	}
	run.Record, run.Floors = "", record
	s, err := Suite(t.Context(), cfg, run)
	if err != nil || len(s.Kinds) != 1 || s.Kinds[0].Captures != 1 || s.Benign.Hours < .9 {
		t.Fatalf("%v\n%s", err, s)
	}
	b, _ := os.ReadFile(record)
	floors, err := measure.ParseFloors(b, record)
	if err != nil {
		t.Fatal(err)
	}
	floors.Kinds[demo.SYNScan] = measure.Floor{Detected: 1, ROCAUC: 1.1}
	if err := writeFloors(record, floors); err != nil {
		t.Fatal(err)
	}
	if s, err = Suite(t.Context(), cfg, run); !errors.Is(err, ErrRegression) || len(s.Regressions) != 1 {
		t.Errorf("%v\n%s", err, s)
	}
	run.Kinds = []string{"smurf"}
	if _, err := Suite(t.Context(), cfg, run); err == nil || !strings.Contains(err.Error(), demo.SYNScan) {
		t.Errorf("unknown attack: %v", err)
	}
}
