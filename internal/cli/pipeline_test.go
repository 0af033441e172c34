package cli

import (
	"database/sql"
	"maps"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	cap "github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/models"
)

// rows returns the number of packets of every alert in a database, by id.
func rows(t *testing.T, db string) map[string]int64 {
	t.Helper()
	conn, err := sql.Open("sqlite3", "file:"+db+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r, err := conn.Query("SELECT id, count FROM alerts")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := map[string]int64{}
	for r.Next() {
		var id string
		var n int64
		if err := r.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		out[id] = n
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// framesIn returns the number of frames of a capture.
func framesIn(t *testing.T, path string) (n int) {
	t.Helper()
	src, err := pcapfile.Open(path, cap.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f models.Frame
	for src.Next(&f) == nil {
		n++
	}
	return n
}

// up processes a capture in one process and returns its summary.
func up(t *testing.T, db, capture string) string {
	t.Helper()
	p := start(t, map[string]string{"API_PORT": "0", "WS_PORT": "0", "DB_PATH": db, "DATA_DIR": t.TempDir()},
		"up", "--replay", capture, "--speed", "max", "--exit-when-done")
	if code := p.wait(90 * time.Second); code != 0 {
		t.Fatalf("up: exit code %d", code)
	}
	return p.stdout.String()
}

// figure returns the number after a label of a summary.
func figure(t *testing.T, summary, label string) int {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + label + ` +(\d+)`).FindStringSubmatch(summary)
	if m == nil {
		t.Fatalf("no %q in the summary:\n%s", label, summary)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func TestUpProcessesCaptureAndExits(t *testing.T) {
	capture, db := captureFile(t), filepath.Join(t.TempDir(), "netlyra.db")
	frames := framesIn(t, capture)
	first := up(t, db, capture)
	if got := figure(t, first, "packets captured"); got != frames {
		t.Errorf("summary counts %d packets, the capture has %d", got, frames)
	}
	if got := figure(t, first, "packets published"); got != frames {
		t.Errorf("%d packets were published of %d", got, frames)
	}
	alerts := rows(t, db)
	if len(alerts) == 0 {
		t.Fatal("no alerts for the attacks of the demo")
	}
	if again := figure(t, up(t, db, capture), "alerts"); again != 0 {
		t.Errorf("the same capture again gave %d new alerts, want none", again)
	}
	if got := rows(t, db); !maps.Equal(got, alerts) {
		t.Errorf("the same capture again changed the alerts from %v to %v", alerts, got)
	}
}

func TestExplainPrintsTheAlert(t *testing.T) {
	db := filepath.Join(t.TempDir(), "netlyra.db")
	up(t, db, captureFile(t))
	env := map[string]string{"DB_PATH": db}
	for id := range rows(t, db) {
		p := start(t, env, "explain", id)
		if code := p.wait(30 * time.Second); code != 0 {
			t.Fatalf("explain %s: exit code %d", id, code)
		}
		for _, want := range []string{"severity", "SHARE", "REASON", "%", "threshold"} {
			if !strings.Contains(p.stdout.String(), want) {
				t.Errorf("explain %s printed %q, want it to contain %q", id, p.stdout.String(), want)
			}
		}
	}
	p := start(t, env, "explain", "Anone")
	if code := p.wait(30 * time.Second); code != 1 || !strings.Contains(p.stderr.String(), "Anone") {
		t.Errorf("explain of an unknown alert: exit code %d, %s", code, p.stderr.String())
	}
}
