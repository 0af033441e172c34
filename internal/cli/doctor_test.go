package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/obs"
)

// TestDoctorExitCodes: 0 without failed checks, 1 with any, also for a configuration that
// other commands reject.
func TestDoctorExitCodes(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		code int
		want []string
	}{
		{"no problem", nil, nil, 0, []string{"ok       configuration: valid", "0 failed"}},
		{"a warning", map[string]string{"DB_MAX_BYTES": "900000GiB"}, nil, 0, []string{"warning  disk of DB_PATH", "→ free disk space"}},
		{"no broker", map[string]string{"KAFKA_BROKERS": "127.0.0.1:1"}, nil, 1, []string{"failed   broker 127.0.0.1:1", "→ start the broker"}},
		{"bad settings", map[string]string{"API_PORT": "x", "HST_DEPTH": "99"}, nil, 1, []string{"failed   configuration:", "API_PORT", "HST_DEPTH"}},
		{"invalid name for static membership", map[string]string{"GROUP_INSTANCE_ID": "a b"}, nil, 1, []string{"GROUP_INSTANCE_ID"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"API_PORT": "0", "WS_PORT": "0"}
			for k, v := range c.env {
				env[k] = v
			}
			for _, format := range []string{"text", "json"} {
				p := start(t, env, append([]string{"doctor", "--format", format}, c.args...)...)
				if code := p.wait(30 * time.Second); code != c.code {
					t.Errorf("exit code %d, want %d; stderr: %s", code, c.code, p.stderr.String())
				}
				if format == "json" {
					wantReport(t, p.stdout.String(), c.code)
					continue
				}
				for _, want := range c.want {
					if !strings.Contains(p.stdout.String(), want) {
						t.Errorf("%q is missing in\n%s", want, p.stdout.String())
					}
				}
			}
		})
	}
}

func wantReport(t *testing.T, text string, code int) {
	t.Helper()
	var report struct {
		Status string        `json:"status"`
		Checks []obs.Finding `json:"checks"`
	}
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if (report.Status == obs.StatusFailed) != (code == 1) || len(report.Checks) == 0 {
		t.Errorf("report %+v with exit code %d", report, code)
	}
}
