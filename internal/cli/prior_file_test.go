package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs a command in this process.
func command(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(args, nil, &out, &errs)
	return out.String(), errs.String(), code
}

// TestInvalidPriorFileIsAnErrorAtStart: commands that detect name the file before they connect
// to a broker or read a capture; doctor reports it; others do not need it.
func TestInvalidPriorFileIsAnErrorAtStart(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "prior.json")
	if err := os.WriteFile(bad, []byte(`{"version":1,"values":{"calls":[1,2,3,3]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"up"}, {"engine"}, {"analyze", "absent.pcap"}, {"eval", "suite"}, {"eval", "packets", "absent.pcap", "--labels", "absent.csv"}, {"backtest"},
	} {
		_, errs, code := command(t, append(args, "--prior-file", bad)...)
		if code != exitFailed || !strings.Contains(errs, bad) || !strings.Contains(errs, "calls") {
			t.Errorf("%q: exit code %d: %s", args, code, errs)
		}
	}
	t.Setenv("PRIOR_FILE", bad)
	if out, errs, code := command(t, "doctor"); code != exitFailed || !strings.Contains(out, bad) {
		t.Errorf("doctor: exit code %d\n%s%s", code, out, errs)
	}
	if _, errs, code := command(t, "version"); code != exitDone {
		t.Errorf("version: exit code %d: %s", code, errs)
	}
}

// quietPrior writes a prior file in which scans of ports are ordinary.
func quietPrior(t *testing.T) string {
	return write(t, t.TempDir(), "prior.json", []byte(`{"version":1,"values":{"later":[1,2,3,4],"probed_ports":[1e6,2e6,3e6,4e6],"probed_ports_slow":[1e6,2e6,3e6,4e6]}}`))
}

// TestPriorFileChangesAlerts: with a file of large values the demo's attacks raise fewer alerts,
// and behaviors that this version does not know are logged once.
func TestPriorFileChangesAlerts(t *testing.T) {
	quiet := quietPrior(t)
	args := []string{"analyze", "--alerts", "-", captureFile(t)}
	before, errs, code := command(t, args...)
	if code != exitDone {
		t.Fatal(errs)
	}
	after, log, code := command(t, append(args, "--prior-file", quiet)...)
	if code != exitDone {
		t.Fatal(log)
	}
	const scan = `"port_scan"`
	if !strings.Contains(before, scan) || strings.Contains(after, scan) {
		t.Errorf("%d alerts of scans without the file, %d with it", strings.Count(before, scan), strings.Count(after, scan))
	}
	if n := strings.Count(log, "prior_unknown"); n != 1 || !strings.Contains(log, "later") {
		t.Errorf("%d warnings: %s", n, log)
	}
}
