package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/prior"
)

// TestPriorCommands builds a file, uses, prints and compares it.
func TestPriorCommands(t *testing.T) {
	name := filepath.Join(t.TempDir(), "prior.json")
	out, errs, code := command(t, "prior", "build", captureFile(t), "-o", name)
	if code != exitDone || !strings.Contains(out, "probed_ports") || !strings.Contains(out, name) {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	if _, errs, code := command(t, "analyze", "--prior-file", name, "--scores", os.DevNull, "--format", "csv", captureFile(t)); code != exitDone {
		t.Errorf("analyze: %s", errs)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if out, errs, code := command(t, "prior", "show", name, "--format", "json"); code != exitDone || out != string(text) {
		t.Errorf("show: exit code %d: %s, want the file\n%s", code, out, errs)
	}
	if out, _, code := command(t, "prior", "show", name); code != exitDone || !strings.Contains(out, filepath.Base(captureFile(t))) {
		t.Errorf("show: exit code %d: %s", code, out)
	}
	out, _, code = command(t, "prior", "diff", "--format", "json", quietPrior(t))
	var changes prior.Changes
	if err := json.Unmarshal([]byte(out), &changes); err != nil || code != exitDone || len(changes) != 2 || changes[0].Effect != "quieter" {
		t.Errorf("diff: exit code %d, %v: %s", code, err, out)
	}
	if out, _, code := command(t, "prior", "diff", name, name); code != exitDone || !strings.HasPrefix(out, "No behavior differs") {
		t.Errorf("diff with itself: exit code %d: %s", code, out)
	}
	if _, _, code := command(t, "prior", "diff", name, name, name); code != exitUsage {
		t.Errorf("diff of three: exit code %d", code)
	}
}

// TestPriorShowPrintsTheReferenceInUse: without a file that is the one in PRIOR_FILE, or the
// built-in one.
func TestPriorShowPrintsTheReferenceInUse(t *testing.T) {
	for _, name := range []string{"", quietPrior(t)} {
		t.Setenv("PRIOR_FILE", name)
		out, log, code := command(t, "prior", "show", "--format", "json")
		f, _, err := reference.Parse([]byte(out))
		if code != exitDone || err != nil {
			t.Fatalf("exit code %d, %v: %s", code, err, log)
		}
		if same := *f.Reference() == *reference.Builtin(); same != (name == "") || strings.Contains(log, "prior_unknown") == same {
			t.Errorf("PRIOR_FILE=%s: built-in %v, log %s", name, same, log)
		}
	}
	if _, errs, code := command(t, "prior", "show", "absent.json"); code != exitFailed || !strings.Contains(errs, "absent.json") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
