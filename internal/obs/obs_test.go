package obs

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/netlyra/netlyra/internal/models"
)

func TestLogger(t *testing.T) {
	for _, c := range []struct{ format, level, want string }{
		{"auto", "info", `"msg":"b"`}, {"json", "debug", `"msg":"a"`}, {"text", "WARN", "msg=b"},
	} {
		var w bytes.Buffer
		log, err := NewLogger(c.format, c.level, &w)
		if err != nil {
			t.Fatal(err)
		}
		log.Debug("a")
		log.Warn("b")
		if got := w.String(); !strings.Contains(got, c.want) || strings.Contains(got, `"a"`) != (c.level == "debug") {
			t.Errorf("%v: %s", c, got)
		}
	}
	for _, c := range [][2]string{{"xml", "info"}, {"json", "loud"}} {
		if _, err := NewLogger(c[0], c[1], &bytes.Buffer{}); err == nil {
			t.Errorf("%v is accepted", c)
		}
	}
}

func TestLedger(t *testing.T) {
	var l Ledger
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := l.Stage("decode")
			for range 1000 {
				s.In(2, 200)
				s.Out(1)
				s.Drop("truncated", 1)
			}
		})
	}
	wg.Wait()
	l.Stage("decode").Drop("never", 0)
	(*Stage)(nil).In(1, 1)
	(*Stage)(nil).Drop("x", 1)
	want := []models.StageCounts{{Stage: "decode", In: 16000, Out: 8000, Bytes: 1600000, Dropped: map[string]uint64{"truncated": 8000}}}
	if diff := cmp.Diff(want, l.Counts()); diff != "" {
		t.Error(diff)
	}
}

func TestLedgerCollector(t *testing.T) {
	var l Ledger
	l.Stage("capture").In(5, 500)
	l.Stage("capture").Out(3)
	l.Stage("capture").Drop("kernel", 2)
	want := `# HELP netlyra_stage_bytes_total Wire bytes that came into the stage, if it knows them.
# TYPE netlyra_stage_bytes_total counter
netlyra_stage_bytes_total{stage="capture"} 500
# HELP netlyra_stage_dropped_total Packets or records that the stage dropped.
# TYPE netlyra_stage_dropped_total counter
netlyra_stage_dropped_total{reason="kernel",stage="capture"} 2
# HELP netlyra_stage_in_total Packets or records that came into the stage.
# TYPE netlyra_stage_in_total counter
netlyra_stage_in_total{stage="capture"} 5
# HELP netlyra_stage_out_total Packets or records that the stage passed on.
# TYPE netlyra_stage_out_total counter
netlyra_stage_out_total{stage="capture"} 3
`
	only := prometheus.NewPedanticRegistry()
	only.MustRegister(NewLedgerCollector(&l))
	if diff := cmp.Diff(want, expose(t, only)); diff != "" {
		t.Error(diff)
	}
	r := prometheus.NewPedanticRegistry()
	if err := Register(r, &l); err != nil {
		t.Fatal(err)
	}
	if Register(r, &l) == nil {
		t.Error("registering twice is accepted")
	}
	families, err := r.Gather()
	if err != nil || len(families) < 20 {
		t.Error(len(families), err)
	}
}

// expose returns what a scrape of r would read.
func expose(t *testing.T, r prometheus.Gatherer) string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestProcFiles(t *testing.T) {
	m, err := parseStatus([]byte("Name:\tx\nVmHWM:\t    300 kB\nVmRSS:\t     200 kB\n"))
	if err != nil || m != (Memory{RSS: 200 << 10, PeakRSS: 300 << 10}) {
		t.Error(m, err)
	}
	if _, err := parseStatus([]byte("VmRSS:\t-1 kB\n")); err == nil {
		t.Error("a negative size is accepted")
	}
	d, err := parseStat([]byte("cpu  100 20 30 9999 9999 4 5 6 7 8\ncpu0 1\n"))
	if err != nil || d != 1650*time.Millisecond {
		t.Error(d, err)
	}
	for _, bad := range []string{"", "cpu 1 2", "intr 1 2 3 4 5 6 7 8", "cpu a 2 3 4 5 6 7 8"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// sink keeps the compiler from removing the work.
var sink int

func TestCPUMeter(t *testing.T) {
	m := NewCPUMeter()
	if !m.known {
		t.Skip("no /proc/stat here")
	}
	for ProcessCPU()-m.own < 30*time.Millisecond { // until the process has used some CPU time
		for i := range 10000 {
			sink += i
		}
	}
	u := m.Use()
	if !u.Known || u.Own < 30*time.Millisecond || u.Elapsed <= 0 || u.Others < 0 {
		t.Errorf("%+v", u)
	}
	if mem, err := ProcessMemory(); err != nil || mem.RSS < 1<<20 || mem.PeakRSS < mem.RSS/2 {
		t.Error(mem, err)
	}
}

func TestVersion(t *testing.T) {
	b := Build{Version: "1.2.3", Commit: "0123456789abcdef", Dirty: true, Go: "go1.26"}
	if got := b.String(); got != "1.2.3 0123456789ab (modified) go1.26" {
		t.Error(got)
	}
	if BuildInfo().Version == "" || !strings.Contains(Version(), "go1.") {
		t.Error(Version())
	}
}
