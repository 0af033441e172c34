package doctor

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// findings returns what Run reports.
func findings(t *testing.T, cfg *config.Config, warnings ...string) (all []obs.Finding) {
	t.Helper()
	Run(t.Context(), cfg, warnings, slog.New(slog.DiscardHandler), func(f obs.Finding) { all = append(all, f) })
	return all
}

// statuses returns the status of each code; the worst where several findings have one code.
func statuses(all []obs.Finding) map[string]string {
	order := []string{"", obs.StatusOK, obs.StatusWarning, obs.StatusFailed}
	worst := map[string]string{}
	for _, f := range all {
		if slices.Index(order, f.Status) > slices.Index(order, worst[f.Code]) {
			worst[f.Code] = f.Status
		}
	}
	return worst
}

// described reports whether a table of the vocabulary has the code of a finding.
func described(code string) bool {
	return slices.ContainsFunc(slices.Concat(vocabulary.DoctorFindings, vocabulary.ProcessConditions, vocabulary.BusConditions),
		func(e vocabulary.Entry) bool { return e.Code == code })
}

// answer starts a server that responds to every request in the same way.
func answer(t *testing.T, status int, body string) net.Addr {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr()
}

// TestStatusOfEachCheck breaks one thing at a time: only the code of that check has another
// status than ok.
func TestStatusOfEachCheck(t *testing.T) {
	const healthy = `{"status":"ok","components":{"kafka":"ok"}}`
	const degraded = `{"status":"degraded","components":{"kafka":"unreachable"}}`
	for _, c := range []struct {
		name     string
		change   func(t *testing.T, cfg *config.Config)
		warnings []string
		want     map[string]string
	}{
		{name: "defaults"},
		{name: "unknown setting", warnings: []string{".env: API_PROT is unknown"},
			want: map[string]string{vocabulary.DoctorConfiguration: obs.StatusWarning}},
		{name: "API port in use by a healthy core",
			change: func(t *testing.T, cfg *config.Config) { cfg.APIPort = portOf(t, answer(t, http.StatusOK, healthy)) }},
		{name: "API port in use by a degraded core",
			change: func(t *testing.T, cfg *config.Config) {
				cfg.APIPort = portOf(t, answer(t, http.StatusServiceUnavailable, degraded))
			},
			want: map[string]string{vocabulary.DoctorAPIPort: obs.StatusWarning}},
		{name: "API port in use by a server whose answer is not health",
			change: func(t *testing.T, cfg *config.Config) {
				cfg.APIPort = portOf(t, answer(t, http.StatusOK, `{"status":"ok"}`))
			},
			want: map[string]string{vocabulary.DoctorAPIPort: obs.StatusFailed}},
		{name: "WebSocket port in use by NetLyra",
			change: func(t *testing.T, cfg *config.Config) {
				cfg.WSPort = portOf(t, answer(t, http.StatusUpgradeRequired, "WebSocket only"))
			}},
		{name: "WebSocket port in use by another WebSocket server",
			change: func(t *testing.T, cfg *config.Config) {
				cfg.WSPort = portOf(t, answer(t, http.StatusUpgradeRequired, "upgrade"))
			},
			want: map[string]string{vocabulary.DoctorWSPort: obs.StatusFailed}},
		{name: "address of another host",
			change: func(_ *testing.T, cfg *config.Config) { cfg.APIHost = "192.0.2.1" },
			want:   map[string]string{vocabulary.DoctorAPIPort: obs.StatusFailed, vocabulary.DoctorWSPort: obs.StatusFailed}},
		{name: "database is another file",
			change: func(t *testing.T, cfg *config.Config) {
				if err := os.WriteFile(cfg.DBPath, []byte(strings.Repeat("text ", 2000)), 0o600); err != nil {
					t.Fatal(err)
				}
			},
			want: map[string]string{vocabulary.DoctorDatabase: obs.StatusFailed}},
		{name: "database limit exceeds the disk",
			change: func(_ *testing.T, cfg *config.Config) { cfg.DBMaxBytes = 1 << 60 },
			want:   map[string]string{vocabulary.DoctorDatabaseDisk: obs.StatusWarning}},
		{name: "retention of packets exceeds the disk",
			change: func(_ *testing.T, cfg *config.Config) { cfg.PacketsRetentionBytes = 1 << 60 },
			want:   map[string]string{vocabulary.DoctorDataDisk: obs.StatusWarning}},
		{name: "interface does not exist",
			change: func(_ *testing.T, cfg *config.Config) { cfg.CaptureIface = "nosuch0" },
			want:   map[string]string{vocabulary.DoctorCapture: obs.StatusFailed}},
		{name: "data directory is a file",
			change: func(t *testing.T, cfg *config.Config) {
				cfg.DataDir = filepath.Join(t.TempDir(), "file")
				if err := os.WriteFile(cfg.DataDir, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			want: map[string]string{vocabulary.DoctorEmbeddedBroker: ""}},
		{name: "broker does not listen",
			change: func(_ *testing.T, cfg *config.Config) { cfg.KafkaBrokers = []string{"127.0.0.1:1"} },
			want:   map[string]string{vocabulary.ConditionBrokerUnreachable: obs.StatusFailed}},
		{name: "one of two brokers has no valid certificate authority",
			change: func(_ *testing.T, cfg *config.Config) {
				cfg.KafkaBrokers, cfg.KafkaTLS, cfg.KafkaTLSCA = []string{"127.0.0.1:1"}, true, "/nosuch/ca.pem"
			},
			want: map[string]string{vocabulary.DoctorBroker: obs.StatusFailed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := doctorConfig(t)
			if err := os.Chmod(cfg.DataDir, 0o700); err != nil {
				t.Fatal(err)
			}
			if c.change != nil {
				c.change(t, cfg)
			}
			all := findings(t, cfg, c.warnings...)
			for _, f := range all {
				if !described(f.Code) {
					t.Errorf("finding without a described code: %+v", f)
				}
			}
			got := statuses(all)
			for code, want := range c.want {
				if want != "" && got[code] != want {
					t.Errorf("%s has status %q, want %q", code, got[code], want)
				}
			}
			for code, status := range got {
				_, expected := c.want[code]
				// The clock, the limits and the permissions depend on the host.
				onHost := code == vocabulary.DoctorClock || code == vocabulary.DoctorOpenFiles || code == vocabulary.DoctorPermissions
				if status != obs.StatusOK && !expected && !onHost {
					t.Errorf("%s has status %s", code, status)
				}
			}
		})
	}
}

// TestWithBrokersTheDataDirectoryIsNotChecked: nothing is stored there then.
func TestWithBrokersTheDataDirectoryIsNotChecked(t *testing.T) {
	cfg := doctorConfig(t)
	cfg.KafkaBrokers, cfg.DataDir = []string{"127.0.0.1:1"}, "/nosuch/dir"
	for _, f := range findings(t, cfg) {
		if f.Code == vocabulary.DoctorDataDisk || f.Code == vocabulary.DoctorEmbeddedBroker {
			t.Errorf("%+v", f)
		}
	}
}

// TestRunChangesNothing: neither a missing database nor a missing data directory is created.
func TestRunChangesNothing(t *testing.T) {
	cfg := doctorConfig(t)
	parent := cfg.DataDir
	cfg.DataDir, cfg.DBPath = filepath.Join(parent, "a", "b"), filepath.Join(parent, "c", "netlyra.db")
	findings(t, cfg)
	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("doctor created %s", e.Name())
	}
}

// TestOpenFilesOfInstances: the figures of each instance come from the core's statistics, with
// the code of a shortage. An unusable answer gives no finding, because the port has one.
func TestOpenFilesOfInstances(t *testing.T) {
	instance := func(open, limit string) string {
		return `{"instances":[{"role":"core","instance":"a","descriptors":{"open":` + open + `,"limit":` + limit + `}}]}`
	}
	for _, c := range []struct {
		name, body   string
		status       int
		code, result string // "": no finding
	}{
		{name: "few are open", status: 200, body: instance("100", "1000"), result: obs.StatusOK},
		{name: "many are open", status: 200, body: instance("850", "1000"), code: vocabulary.ConditionDescriptorsHigh, result: obs.StatusWarning},
		{name: "nearly all are open", status: 200, body: instance("990", "1000"), code: vocabulary.ConditionDescriptorsCritical, result: obs.StatusWarning},
		{name: "unlimited", status: 200, body: instance("990", "0")},
		{name: "not reported", status: 200, body: `{"instances":[{"role":"core","instance":"a"}]}`},
		{name: "error", status: 500, body: instance("990", "1000")},
		{name: "not JSON", status: 200, body: "<html>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := doctorConfig(t)
			cfg.APIPort = portOf(t, answer(t, c.status, c.body))
			d := &doctor{cfg: cfg}
			found := d.openFilesOfOthers(t.Context())
			if (len(found) > 0) != (c.result != "") {
				t.Fatalf("got %+v", found)
			}
			if len(found) > 0 && (found[0].Status != c.result || found[0].Code != c.code || (found[0].Advice == "") != (c.code == "")) {
				t.Errorf("got %+v, want status %q and code %q", found[0], c.result, c.code)
			}
		})
	}
}

// TestSizeOfTree adds the sizes of files at every depth, and returns what it could read with
// an error.
func TestSizeOfTree(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"a": 10, "b/c": 200, "b/d/e": 3000} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, make([]byte, size), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := treeSize(dir); n != 3210 || err != nil {
		t.Errorf("got %d bytes, %v", n, err)
	}
	if n, err := treeSize(filepath.Join(dir, "none")); n != 0 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing directory: %d bytes, %v", n, err)
	}
	if nearest(filepath.Join(dir, "b", "x", "y")) != filepath.Join(dir, "b") {
		t.Error("nearest is not the first existing parent")
	}
	if err := writable(filepath.Join(dir, "a")); err == nil {
		t.Error("a file is no writable directory")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".netlyra-probe-*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestCanceledRun ends at once and still has a finding for every check of this host.
func TestCanceledRun(t *testing.T) {
	cfg := doctorConfig(t)
	cfg.KafkaBrokers = []string{"192.0.2.1:9092"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	codes := map[string]bool{}
	Run(ctx, cfg, nil, slog.New(slog.DiscardHandler), func(f obs.Finding) { codes[f.Code] = true })
	for _, want := range []string{vocabulary.DoctorConfiguration, vocabulary.DoctorAPIPort, vocabulary.DoctorDatabase, vocabulary.ConditionBrokerUnreachable} {
		if !codes[want] {
			t.Errorf("no finding of %s", want)
		}
	}
}
