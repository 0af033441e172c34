package cli

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// output runs netlyra in this process and returns its standard output.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Main(args, strings.NewReader(""), &out, &errs); code != exitDone {
		t.Fatalf("netlyra %v: exit code %d: %s", args, code, errs.String())
	}
	return out.String()
}

func TestVersionAsJSON(t *testing.T) {
	text := output(t, "version", "--json")
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, name := range []string{"version", "commit", "time", "dirty", "go", "os", "arch", "cgo", "tags", "modules", "sqlite"} {
		if raw, ok := fields[name]; !ok || string(raw) == "null" {
			t.Errorf("%s is missing: %s", name, text)
		}
	}
	var b buildInfo
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	if b.Version == "" || b.Go != runtime.Version() || b.OS != runtime.GOOS || b.Arch != runtime.GOARCH {
		t.Errorf("does not match this binary: %+v", b.Build)
	}
	if !b.CGO || strings.Count(b.SQLite, ".") != 2 {
		t.Errorf("SQLite %q with cgo %v", b.SQLite, b.CGO)
	}
	if other := output(t, "version", "--format", "json"); other != text {
		t.Errorf("--format json prints %s\n--json prints %s", other, text)
	}
}

func TestVersionInOneLine(t *testing.T) {
	words := strings.Fields(output(t, "version"))
	if len(words) < 3 || words[0] != "netlyra" || !slices.Contains(words, runtime.Version()) {
		t.Errorf("printed %q", words)
	}
}
