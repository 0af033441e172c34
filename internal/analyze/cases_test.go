package analyze

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/config/configtest"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// cases returns the directory of regression inputs, which are not in this repository.
func cases(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{os.Getenv("NETLYRA_SHARED"), "../../../shared"} {
		if dir == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "cases")); err == nil {
			return filepath.Join(dir, "cases")
		}
	}
	t.Skip("skipped: the directory ../shared/cases (or NETLYRA_SHARED) does not exist")
	return ""
}

// connectionsOf analyses a capture. It returns its innermost connections without ids and
// ports, and what was logged.
func connectionsOf(t *testing.T, file string) (rows []string, log string) {
	t.Helper()
	var out, logged bytes.Buffer
	err := Run(t.Context(), configtest.Defaults(t), Config{Files: []string{file}, Format: FormatNDJSON, Stdout: &out, Partitions: 1},
		settings.Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for line := range strings.Lines(out.String()) {
		var c models.Connection
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if c.Proto == "TCP" || c.Parent != "" {
			rows = append(rows, fmt.Sprintf("%s %s %d/%d %d/%d %d/%d", c.Proto, c.Service, c.OrigBytes, c.RespBytes,
				c.OrigPackets, c.RespPackets, c.OrigIPBytes, c.RespIPBytes))
		}
	}
	return rows, logged.String()
}

func TestCases(t *testing.T) {
	dir := cases(t)
	one := func(t *testing.T, name string, holds func(row string) bool) {
		t.Helper()
		rows, log := connectionsOf(t, filepath.Join(dir, name))
		if len(rows) != 1 || !holds(rows[0]) || log != "" {
			t.Errorf("%s: connections %q, log %q", name, rows, log)
		}
	}
	starts := func(with string) func(string) bool {
		return func(row string) bool { return strings.HasPrefix(row, with) }
	}
	t.Run("05", func(t *testing.T) { one(t, "05-nflog-warning/nflog.pcap", starts("TCP http ")) })
	t.Run("07", func(t *testing.T) {
		want, _ := connectionsOf(t, filepath.Join(dir, "07-pzstd/plain.pcap"))
		for _, name := range []string{"plain_p.zst", "skip_first.pcap.zst"} {
			one(t, "07-pzstd/"+name, func(row string) bool { return row == want[0] && starts("TCP http ")(row) })
		}
	})
	t.Run("16", func(t *testing.T) {
		one(t, "16-second-synack/z3313.pcap", func(row string) bool {
			return strings.Contains(row, "/2000 ") && strings.HasSuffix(row, "/2240")
		})
	})
	t.Run("21", func(t *testing.T) {
		for _, name := range []string{"z1928_6.pcap", "cmd8909.pcap"} {
			one(t, "21-cisco-ttag/"+name, starts("TCP "))
		}
	})
	t.Run("22", func(t *testing.T) {
		for _, tunnel := range []string{"ipip", "6in4", "gtp", "teredo", "vxlan"} {
			want := "/1039" // bytes of the responder
			if tunnel == "6in4" || tunnel == "teredo" {
				want = " 600/0" // the capture has one direction
			}
			one(t, "22-tunnel-snaplen/"+tunnel+"_full.pcap", func(row string) bool { return strings.HasSuffix(row, want) })
			full, _ := connectionsOf(t, filepath.Join(dir, "22-tunnel-snaplen", tunnel+"_full.pcap"))
			cut, _ := connectionsOf(t, filepath.Join(dir, "22-tunnel-snaplen", tunnel+"_cut.pcap"))
			if strings.Join(full, ";") != strings.Join(cut, ";") {
				t.Errorf("%s: %q in full, %q with a packet cut", tunnel, full, cut)
			}
		}
	})
}
