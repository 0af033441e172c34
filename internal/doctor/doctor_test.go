package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// doctorConfig returns the default configuration with a temporary directory.
func doctorConfig(t *testing.T) *config.Config {
	t.Helper()
	cfg, _, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.APIPort, cfg.WSPort = 0, 0
	cfg.DataDir = t.TempDir()
	cfg.DBPath = filepath.Join(cfg.DataDir, "netlyra.db")
	return cfg
}

// diagnosis returns the findings, one per line.
func diagnosis(t *testing.T, cfg *config.Config, warnings ...string) string {
	t.Helper()
	var b strings.Builder
	Run(t.Context(), cfg, warnings, slog.New(slog.DiscardHandler), func(f obs.Finding) {
		if (f.Advice == "") != (f.Status == obs.StatusOK) {
			t.Errorf("advice does not match the status: %+v", f)
		}
		fmt.Fprintf(&b, "%s | %s | %s | %s\n", f.Status, f.Check, f.Detail, f.Advice)
	})
	return b.String()
}

// portOf returns the port of an address.
func portOf(t *testing.T, a net.Addr) int {
	t.Helper()
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDoctor(t *testing.T) {
	foreign := httptest.NewServer(http.NotFoundHandler())
	defer foreign.Close()
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/health" {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"status":"degraded","components":{"kafka":"gone","store":"ok"}}`)
		}
	}))
	defer ill.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		change   func(*config.Config)
		warnings []string
		want     []string
	}{
		{name: "nothing runs", want: []string{
			"ok | configuration | valid", "ok | API_PORT | any free port", "ok | database | ", "ok | disk of DB_PATH | ", "ok | disk of DATA_DIR | ",
			"ok | embedded broker | not running; 'netlyra up' starts it with a new log",
		}},
		{name: "a name that means nothing", warnings: []string{".env: API_PROT means nothing"}, want: []string{"warning | configuration | .env: API_PROT"}},
		{name: "port of another program", change: func(c *config.Config) { c.APIPort = portOf(t, foreign.Listener.Addr()) },
			want: []string{"failed | API_PORT | 127.0.0.1:", "in use by another program | stop the other program, or set API_PORT"}},
		{name: "port of a NetLyra that is ill", change: func(c *config.Config) { c.APIPort = portOf(t, ill.Listener.Addr()) },
			want: []string{"warning | API_PORT | ", "degraded: kafka: gone |"}},
		{name: "WebSocket port of another program", change: func(c *config.Config) { c.WSPort = portOf(t, foreign.Listener.Addr()) },
			want: []string{"failed | WS_PORT | "}},
		{name: "no address of this host", change: func(c *config.Config) { c.APIHost = "192.0.2.1" }, want: []string{"failed | API_PORT | ", "set API_HOST to an address of this host"}},
		{name: "no database", change: func(c *config.Config) { c.DBPath = file }, want: []string{"failed | database | " + file}},
		{name: "data directory is a file", change: func(c *config.Config) { c.DataDir = file }, want: []string{"DATA_DIR"}},
		{name: "more allowed than there is room", change: func(c *config.Config) { c.DBMaxBytes = 1 << 60 }, want: []string{"warning | disk of DB_PATH | ", "lower DB_MAX_BYTES"}},
		{name: "no such interface", change: func(c *config.Config) { c.CaptureIface = "nosuch0" }, want: []string{"failed | capture | ", "nosuch0"}},
		{name: "no broker", change: func(c *config.Config) { c.KafkaBrokers = []string{"127.0.0.1:1"} }, want: []string{"failed | broker 127.0.0.1:1 | "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := doctorConfig(t)
			if c.change != nil {
				c.change(cfg)
			}
			got := diagnosis(t, cfg, c.warnings...)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in\n%s", want, got)
				}
			}
			if c.name == "nothing runs" && strings.Contains(got, obs.StatusFailed) {
				t.Errorf("a check failed:\n%s", got)
			}
		})
	}
}

// TestDoctorChecksARunningBroker: the embedded broker of another process is checked as a
// cluster, with its topics, and no second one is started.
func TestDoctorChecksARunningBroker(t *testing.T) {
	cfg := doctorConfig(t)
	b, err := embedded.Start(t.Context(), settings.Broker(cfg, settings.AnyPort, slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	ensureTopics(t, cfg, b.Addr())
	cfg.PacketsPartitions++
	got := diagnosis(t, cfg)
	for _, want := range []string{
		"ok | embedded broker | running at " + b.Addr(), "ok | broker " + b.Addr(), "ok | cluster | embedded broker",
		"warning | topic " + cfg.KafkaTopicPackets, "set PACKETS_PARTITIONS=", "ok | checkpoint of lane 0 | none yet",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	_ = b.Close()
	if got := diagnosis(t, cfg); !strings.Contains(got, "existing log in "+cfg.DataDir) {
		t.Errorf("with an existing log:\n%s", got)
	}
}

func ensureTopics(t *testing.T, cfg *config.Config, addr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	conn, err := client.Dial(ctx, settings.Bus(cfg, []string{addr}), client.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.EnsureTopics(ctx); err != nil {
		t.Fatal(err)
	}
}
