package analyze

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo/demotest"
	"github.com/netlyra/netlyra/internal/capture/synth"
	"github.com/netlyra/netlyra/internal/config/configtest"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/wire"
)

// analyze runs a with defaults for unset fields and returns standard output.
func analyze(t *testing.T, ctx context.Context, a Config) (string, error) {
	t.Helper()
	var out bytes.Buffer
	if a.Stdout == nil {
		a.Stdout = &out
	}
	a.Partitions = max(a.Partitions, 1)
	err := Run(ctx, configtest.Defaults(t), a, settings.Options{Log: slog.New(slog.DiscardHandler)})
	return out.String(), err
}

// everything returns all files that an analysis writes, by name, and the table.
func everything(t *testing.T, src capture.Source, partitions int) map[string]string {
	t.Helper()
	dir := t.TempDir()
	out, err := analyze(t, t.Context(), Config{
		Source: src, Format: FormatTable, Dir: dir, Scores: filepath.Join(dir, "scores.csv"), Partitions: partitions,
	})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"table": out}
	for _, name := range []string{zeekFile, ndjsonFile, csvFile, alertsFile, "scores.csv"} {
		all[name] = read(t, filepath.Join(dir, name))
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnalysisIsDeterministic(t *testing.T) {
	first := everything(t, demotest.Office(t, 12*time.Second), 1)
	for _, name := range []string{zeekFile, ndjsonFile, csvFile, alertsFile, "scores.csv"} {
		if strings.Count(first[name], "\n") < 2 {
			t.Fatalf("%s: too little to compare: %q", name, first[name])
		}
	}
	for _, partitions := range []int{1, 3, 8} {
		for _, processors := range []int{1, 2} {
			before := runtime.GOMAXPROCS(processors)
			all := everything(t, demotest.Office(t, 12*time.Second), partitions)
			runtime.GOMAXPROCS(before)
			for name := range first {
				if all[name] != first[name] {
					t.Errorf("%s differs with %d partitions on %d processors:\n%s", name, partitions, processors, cmp.Diff(first[name], all[name]))
				}
			}
		}
	}
}

// plainScores returns the scores computed packet by packet in one goroutine.
func plainScores(t *testing.T, src capture.Source, partitions, lanes int32) string {
	t.Helper()
	cfg := configtest.Defaults(t)
	d, table := decode.New(settings.Decode(cfg)), conntrack.New(settings.Conntrack(cfg), nil)
	var pipelines []*engine.Pipeline
	ec, err := settings.Engine(cfg, partitions)
	if err != nil {
		t.Fatal(err)
	}
	for lane := range lanes {
		p, err := engine.NewPipeline(ec, lane, func(*models.Alert) {})
		if err != nil {
			t.Fatal(err)
		}
		pipelines = append(pipelines, p)
	}
	var b strings.Builder
	b.WriteString("index,ts,score\n")
	var f models.Frame
	var p models.Packet
	for i := int64(0); src.Next(&f) == nil; i++ {
		fmt.Fprintf(&b, "%d,%s,", i+1, f.TS)
		if d.Decode(&f, &p) == nil {
			table.Track(&p)
			lane := wire.PartitionOf([]byte(p.Meta.Orig().String()), partitions) % lanes
			if score, scored := pipelines[lane].Packet(&p.Meta); scored {
				b.WriteString(strconv.FormatFloat(score, 'f', -1, 64))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestScoresMatchSequentialScoring(t *testing.T) {
	for _, c := range []struct{ partitions, lanes int32 }{{1, 1}, {3, 1}, {3, 3}, {5, 2}} {
		want := plainScores(t, demotest.Office(t, 8*time.Second), c.partitions, c.lanes)
		dir := t.TempDir()
		cfg := configtest.Defaults(t)
		cfg.EngineLanes = int(c.lanes)
		a := Config{Source: demotest.Office(t, 8*time.Second), Scores: filepath.Join(dir, "scores.csv"), Partitions: int(c.partitions)}
		if err := Run(t.Context(), cfg, a, settings.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
			t.Fatal(err)
		}
		if got := read(t, a.Scores); got != want {
			t.Errorf("%d partitions in %d lanes:\n%s", c.partitions, c.lanes, cmp.Diff(want, got))
		}
	}
}

// aggregate is one 802.11 frame with n packets, each of a different connection.
type aggregate struct {
	capture.Source
	n    int
	done bool
}

func (a *aggregate) Next(f *models.Frame) error {
	if a.done {
		return io.EOF
	}
	a.done = true
	b := make([]byte, 8+24+2)
	b[2] = 8                // radiotap length
	b[8], b[9] = 0x88, 0x01 // QoS data, to the distribution system
	b[8+24] = 0x80          // A-MSDU
	for i := range a.n {
		ip := []byte{
			0xaa, 0xaa, 3, 0, 0, 0, 8, 0, // SNAP
			0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, byte(i + 1), 192, 0, 2, 1, // IPv4
			0x10, 0, 0, 53, 0, 8, 0, 0, // UDP
		}
		b = append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0, byte(len(ip)))
		b = append(b, ip...)
		b = append(b, 0, 0) // padding to a multiple of four
	}
	*f = models.Frame{TS: 1e18, Link: models.LinkRadiotap, Data: b, WireLen: uint32(len(b))}
	return nil
}

func TestEveryPacketOfAnAggregateCounts(t *testing.T) {
	all := everything(t, &aggregate{Source: demotest.Office(t, time.Second), n: 3}, 2)
	if n := strings.Count(all[ndjsonFile], "\n"); n != 3 {
		t.Errorf("%d connections, want one per packet:\n%s", n, all[ndjsonFile])
	}
	if want := "index,ts,score\n1,2001-09-09T01:46:40Z,\n"; all["scores.csv"] != want {
		t.Errorf("got scores %q, want one line for the frame", all["scores.csv"])
	}
	if !strings.Contains(all["table"], "none: 3 packets are not enough to warm up") {
		t.Errorf("the table does not count three packets:\n%s", all["table"])
	}
}

func TestStandardOutputEqualsFile(t *testing.T) {
	files := everything(t, demotest.Office(t, 3*time.Second), 1)
	for format, name := range map[string]string{FormatZeek: zeekFile, FormatNDJSON: ndjsonFile, FormatCSV: csvFile} {
		out, err := analyze(t, t.Context(), Config{Source: demotest.Office(t, 3*time.Second), Format: format})
		if err != nil {
			t.Fatal(err)
		}
		if out != files[name] {
			t.Errorf("%s:\n%s", format, cmp.Diff(files[name], out))
		}
	}
}

// zeek-cut and similar tools need a header that names the columns and lines with as many.
func TestZeekLogMatchesItsHeader(t *testing.T) {
	log := everything(t, demotest.Office(t, 3*time.Second), 1)[zeekFile]
	fields, lines := 0, 0
	for line := range strings.Lines(log) {
		switch cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); {
		case cells[0] == "#fields":
			fields = len(cells) - 1
		case !strings.HasPrefix(line, "#"):
			if lines++; len(cells) != fields {
				t.Errorf("%d columns, want %d: %s", len(cells), fields, line)
			}
		}
	}
	if lines == 0 || !strings.HasPrefix(log, "#separator \\x09\n") || !strings.Contains(log, "\n#open\t2026-01-29-12-00-00\n") ||
		!strings.HasSuffix(log, "\n#close\t2026-01-29-12-00-02\n") {
		t.Errorf("header or footer: %s … %s", log[:min(300, len(log))], log[max(0, len(log)-60):])
	}
}

func TestScoresOnlyIfAnOutputNeedsThem(t *testing.T) {
	for _, c := range []struct {
		a    Config
		want int
	}{
		{Config{Format: FormatZeek}, 0},
		{Config{Format: FormatNDJSON}, 0},
		{Config{Format: FormatCSV}, 0},
		{Config{Format: FormatTable}, 1},
		{Config{Format: FormatZeek, Dir: "d"}, 1},
		{Config{Format: FormatZeek, Alerts: "f"}, 1},
		{Config{Scores: "f"}, 1},
	} {
		c.a.Partitions = 3
		run, err := newAnalysis(configtest.Defaults(t), c.a, demotest.Office(t, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if len(run.workers) != c.want {
			t.Errorf("%+v: %d models, want %d", c.a, len(run.workers), c.want)
		}
	}
}

// mallocs returns the number of allocations of an analysis of n frames.
func mallocs(t *testing.T, n uint64, a Config) float64 {
	t.Helper()
	c := synth.DefaultConfig()
	c.Flows, c.Count = 500, n
	src, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	a.Source = src
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := analyze(t, t.Context(), a); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs)
}

func TestPacketsDoNotAllocate(t *testing.T) {
	for name, a := range map[string]Config{
		"connections": {Format: FormatZeek}, "scores": {Scores: "-", Stdout: io.Discard}, "partitions": {Scores: "-", Stdout: io.Discard, Partitions: 3},
	} {
		few, many := mallocs(t, 20_000, a), mallocs(t, 60_000, a)
		if each := (many - few) / 40_000; each > 0.1 { // alerts that grow allocate
			t.Errorf("%s: %.3f allocations per packet (%.0f for 20,000, %.0f for 60,000)", name, each, few, many)
		}
	}
}
