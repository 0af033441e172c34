package cli

import (
	"database/sql"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write creates a file in dir and returns its path.
func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// listen occupies a port and returns it.
func listen(t *testing.T) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// locked creates a database that another connection has locked exclusively.
func locked(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "locked.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, q := range []string{"CREATE TABLE t (x)", "PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestErrorsNameTheCause requires an exit code within seconds and an error that names the
// cause.
func TestErrorsNameTheCause(t *testing.T) {
	dir := t.TempDir()
	empty := write(t, dir, "empty.pcap", nil)
	text := write(t, dir, "notes.pcap", []byte("these are notes about packets, not packets\n"))
	forged := write(t, dir, "forged.pcapng", append([]byte{
		0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28, 0, 0, 0,
	}, 6, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff, 1, 2, 3, 4))
	corrupt := write(t, dir, "corrupt.db", []byte(strings.Repeat("not a database, whatever its name says. ", 200)))
	taken := listen(t)
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		code int
		want []string
	}{
		{"no such file", nil, []string{"up", "--replay", filepath.Join(dir, "absent.pcap"), "--exit-when-done"}, 1, []string{"absent.pcap"}},
		{"empty file", nil, []string{"up", "--replay", empty, "--exit-when-done"}, 1, []string{"empty.pcap"}},
		{"not a capture", nil, []string{"up", "--replay", text, "--exit-when-done"}, 1, []string{"notes.pcap"}},
		{"forged block length", nil, []string{"up", "--replay", forged, "--exit-when-done"}, 1, []string{"forged.pcapng"}},
		{"no such interface", nil, []string{"up", "--iface", "nosuch0"}, 1, []string{"nosuch0"}},
		{"broker unreachable", map[string]string{"KAFKA_BROKERS": "127.0.0.1:1"}, []string{"engine"}, 1, []string{"127.0.0.1:1"}},
		{"no broker", nil, []string{"engine"}, 1, []string{"KAFKA_BROKERS", "netlyra broker"}},
		{"API port in use", map[string]string{"API_PORT": taken}, []string{"up"}, 1, []string{taken, "API_PORT"}},
		{"WebSocket port in use", map[string]string{"WS_PORT": taken}, []string{"up"}, 1, []string{taken, "WS_PORT"}},
		{"corrupt database", map[string]string{"DB_PATH": corrupt}, []string{"up"}, 1, []string{"corrupt.db"}},
		{"locked database", map[string]string{"DB_PATH": locked(t, dir)}, []string{"up"}, 1, []string{"locked.db"}},
		{"bad setting", map[string]string{"ANOMALY_THRESHOLD": "7", "API_PORT": "x"}, []string{"up"}, 2, []string{"ANOMALY_THRESHOLD", "API_PORT"}},
		{"unknown command", nil, []string{"upp"}, 2, []string{"upp"}},
		{"both inputs", nil, []string{"up", "--iface", "lo", "--replay", text}, 2, []string{"--iface", "--replay"}},
		{"bad speed", nil, []string{"up", "--replay", text, "--speed", "fast"}, 2, []string{"--speed"}},
		{"bad filter", nil, []string{"tail", "alerts", "--filter", "x"}, 2, []string{"--filter"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"API_PORT": "0", "WS_PORT": "0", "DB_PATH": filepath.Join(t.TempDir(), "x.db"), "DATA_DIR": t.TempDir()}
			for k, v := range c.env {
				env[k] = v
			}
			p := start(t, env, c.args...)
			if code := p.wait(40 * time.Second); code != c.code {
				t.Errorf("exit code %d, want %d; stderr: %s", code, c.code, p.stderr.String())
			}
			for _, want := range c.want {
				if !strings.Contains(p.stderr.String(), want) {
					t.Errorf("stderr %q, want it to contain %q", p.stderr.String(), want)
				}
			}
			if strings.Contains(p.stderr.String(), "goroutine ") {
				t.Error("panicked")
			}
		})
	}
}
