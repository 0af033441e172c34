package prior

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/config/configtest"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// begins is the time of the first packet of the tests' captures.
const begins = models.Timestamp(1_767_225_600e9)

// office writes a capture of three minutes of the demo's office that starts some minutes after
// begins.
func office(t *testing.T, dir, name string, minute int, attacks ...string) string {
	t.Helper()
	c := demo.DefaultConfig()
	c.Seed, c.Start, c.Duration, c.Rate, c.Rotation = uint64(minute)+1, begins+models.Timestamp(minute)*60e9, 3*time.Minute, 250, attacks
	c.Quiet, c.Every = 5*time.Second, 10*time.Second
	g, err := demo.New(c)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.WriteCapture(t.Context(), g, 0, f, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func build(t *testing.T, ctx context.Context, c Config) (*Result, error) {
	t.Helper()
	return Build(ctx, configtest.Defaults(t), c, settings.Options{Log: slog.New(slog.DiscardHandler)})
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBuild: a folder gives the same file as its captures in any order, whatever the wall clock
// is; the file states its sources, can be read, and never has a value below the built-in one.
func TestBuild(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	b, a := office(t, dir, "a.pcap", 10), office(t, dir, "z.pcap", 0) // z is the earlier one
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	one, two := filepath.Join(out, "1.json"), filepath.Join(out, "2.json")
	r, err := build(t, t.Context(), Config{Paths: []string{dir}, Output: one})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := build(t, t.Context(), Config{Paths: []string{a, b}, Output: two}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, one), read(t, two)) {
		t.Error("the same captures gave another file")
	}
	f, unknown, err := reference.Read(one)
	if err != nil || unknown != nil {
		t.Fatal(unknown, err)
	}
	if len(f.Sources) != 2 || f.Sources[0].File != "z.pcap" || f.Sources[1].File != "a.pcap" {
		t.Errorf("sources %+v, want the earlier capture first", f.Sources)
	}
	for _, s := range f.Sources {
		if s.Packets < 1000 || s.Seconds < 170 || s.Seconds > 181 {
			t.Errorf("source %+v", s)
		}
	}
	if at := f.Created - begins; at < 12.9*60e9 || at > 13.1*60e9 {
		t.Errorf("created %v, want the time of the newest packet", f.Created)
	}
	builtin, got := reference.Builtin(), f.Reference()
	measured := 0
	for of := range features.Behaviors {
		for i, v := range got.Values[of] {
			if v < builtin.Values[of][i] {
				t.Errorf("%s: %v, built-in %v", features.RowOf(of).Name, got.Values[of], builtin.Values[of])
			}
		}
		if r.Rows[of].Measured != nil {
			measured++
		}
		if r.Rows[of].Minutes != f.SubjectMinutes[features.RowOf(of).Name] {
			t.Errorf("%+v, in the file %d minutes", r.Rows[of], f.SubjectMinutes[features.RowOf(of).Name])
		}
	}
	if measured < 3 || !strings.Contains(r.String(), "probed_ports") {
		t.Errorf("%d behaviors were measured:\n%s", measured, r)
	}
}

// TestWhatCapturesContainBecomesOrdinary: with captures of scans the value at each level of
// probed ports is larger; --separate counts the same packets per network.
func TestWhatCapturesContainBecomesOrdinary(t *testing.T) {
	dir := t.TempDir()
	office(t, dir, "a.pcap", 0, "syn_scan")
	office(t, dir, "b.pcap", 10, "syn_scan")
	for _, separate := range []bool{false, true} {
		r, err := build(t, t.Context(), Config{Paths: []string{dir}, Output: filepath.Join(t.TempDir(), "x.json"), Separate: separate})
		if err != nil {
			t.Fatal(err)
		}
		row := r.Rows[features.ProbedPorts]
		if row.Measured == nil || row.Result[3] < 40 || row.Result[3] < row.Measured[3] {
			t.Errorf("separate %v: %+v", separate, row)
		}
	}
}

// TestStrictWritesWhatWasMeasured: behaviors without enough traffic are not in the file; the
// others are what was measured, so at least one is below the built-in value.
func TestStrictWritesWhatWasMeasured(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.json")
	r, err := build(t, t.Context(), Config{Paths: []string{office(t, t.TempDir(), "a.pcap", 0)}, Output: name, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := reference.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	below := 0
	for _, row := range r.Rows {
		values, ok := f.Values[row.Behavior]
		if ok != (row.Measured != nil) || ok != (row.Minutes >= enough) {
			t.Errorf("%+v, in the file %v", row, values)
		}
		if ok && values[3] < row.Builtin[3] {
			below++
		}
		for i := range values {
			if values[i] < row.Measured[i] {
				t.Errorf("%+v: written %v", row, values)
			}
		}
	}
	if below == 0 {
		t.Errorf("no value is below the built-in one:\n%s", r)
	}
}

// TestNothingIsWrittenOnFailure: an interrupt, a capture that cannot be read, and a destination
// that is no file or is a capture leave the old file and no other one.
func TestNothingIsWrittenOnFailure(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	good := office(t, in, "good.pcap", 0)
	bad := filepath.Join(in, "bad.pcap")
	if err := os.WriteFile(bad, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(out, "x.json")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx   context.Context
		cfg   Config
		names string
	}{
		{canceled, Config{Paths: []string{good}, Output: name}, "canceled"},
		{t.Context(), Config{Paths: []string{in}, Output: name}, bad},
		{t.Context(), Config{Paths: []string{in}, Output: name, Separate: true}, bad},
		{t.Context(), Config{Paths: []string{filepath.Join(in, "absent.pcap")}, Output: name}, "absent.pcap"},
		{t.Context(), Config{Paths: []string{out}, Output: name}, out},
		{t.Context(), Config{Paths: []string{good}, Output: good}, good},
		{t.Context(), Config{Paths: []string{good}, Output: out}, out},
		{t.Context(), Config{Paths: []string{good}, Output: filepath.Join(out, "absent", "x.json")}, "absent"},
	} {
		if r, err := build(t, c.ctx, c.cfg); err == nil || r != nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%+v: %v", c.cfg, err)
		}
	}
	if _, err := build(t, canceled, Config{Paths: []string{good}, Output: name}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the error of the context", err)
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != 1 || string(read(t, name)) != "old" {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestTruncatedCaptureCounts: a capture that ends within a record counts up to there.
func TestTruncatedCaptureCounts(t *testing.T) {
	dir := t.TempDir()
	name := office(t, dir, "a.pcap", 0)
	if err := os.Truncate(name, int64(len(read(t, name)))-7); err != nil {
		t.Fatal(err)
	}
	r, err := build(t, t.Context(), Config{Paths: []string{dir}, Output: filepath.Join(dir, "x.json")})
	if err != nil || r.File.Sources[0].Packets < 1000 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestPriorFileDoesNotAffectABuild: the file depends on the captures only.
func TestPriorFileDoesNotAffectABuild(t *testing.T) {
	cfg := configtest.Defaults(t)
	cfg.PriorFile = filepath.Join(t.TempDir(), "absent.json")
	c := Config{Paths: []string{office(t, t.TempDir(), "a.pcap", 0)}, Output: filepath.Join(t.TempDir(), "x.json")}
	if _, err := Build(t.Context(), cfg, c, settings.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Error(err)
	}
}

// TestDiff names the behaviors that differ and in which direction.
func TestDiff(t *testing.T) {
	a, b := reference.Builtin(), reference.Builtin()
	if c := Diff(a, b); len(c) != 0 || !strings.HasPrefix(c.String(), "No behavior differs") {
		t.Errorf("%v", c)
	}
	b.Values[features.Calls][3]++
	b.Values[features.Upload][0]--
	b.Values[features.Odd] = [reference.Levels]float64{1, 2, 3, 99}
	var got []string
	for _, c := range Diff(a, b) {
		got = append(got, c.Behavior+" "+c.Effect)
	}
	if want := []string{"upload stricter", "calls quieter", "odd mixed"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if s := Show(reference.FileOf(b)); strings.Count(s, "\n") != int(features.Behaviors)+1 {
		t.Error(s)
	}
}
