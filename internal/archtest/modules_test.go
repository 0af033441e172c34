package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goCommand runs the go command in the root of the repository and returns its output.
func goCommand(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("skipped: no go command")
	}
	return out.String(), errs.String(), err
}

// unreachable are messages of failed lookups on a machine without a network.
var unreachable = []string{
	"dial tcp", "no such host", "i/o timeout", "connection refused", "network is unreachable",
	"module lookup disabled", "TLS handshake timeout", "proxyconnect", "unexpected EOF", "connection reset",
}

func TestGoModIsTidy(t *testing.T) {
	diff, log, err := goCommand(t, "mod", "tidy", "-diff")
	switch {
	case diff != "":
		t.Errorf("run go mod tidy:\n%s", diff)
	case err == nil:
	case slices.ContainsFunc(unreachable, func(s string) bool { return strings.Contains(log, s) }):
		t.Skipf("skipped: modules cannot be downloaded: %s", log)
	default:
		t.Errorf("go mod tidy -diff: %v\n%s", err, log)
	}
}

// TestModulesAreMarked is the part of go mod tidy that needs no network: imported modules
// are direct requirements, all others are marked indirect.
func TestModulesAreMarked(t *testing.T) {
	out, log, err := goCommand(t, "mod", "edit", "-json")
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal([]byte(out), &mod); err != nil {
		t.Fatal(err)
	}
	imported := map[string]bool{}
	for _, s := range sources(t) {
		for _, name := range s.imports {
			owner := "" // the longest path, because modules can be nested
			for _, r := range mod.Require {
				if within(name, r.Path) && len(r.Path) > len(owner) {
					owner = r.Path
				}
			}
			imported[owner] = true
		}
	}
	for _, r := range mod.Require {
		if r.Indirect == imported[r.Path] {
			t.Errorf("go.mod: %s is marked indirect: %v, imported: %v; run go mod tidy", r.Path, r.Indirect, imported[r.Path])
		}
	}
}

// TestBinaryLinksNoUnusedPackages lists the packages that are linked with the tags of the
// Taskfile, without building.
func TestBinaryLinksNoUnusedPackages(t *testing.T) {
	out, log, err := goCommand(t, "list", "-tags", buildTags, "-deps", "./cmd/netlyra")
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	deps := strings.Fields(out)
	if !slices.Contains(deps, module+"internal/cli") {
		t.Fatalf("the list of %d packages does not contain the binary's packages", len(deps))
	}
	for _, name := range deps {
		for prefix, why := range unlinked {
			if within(name, prefix) {
				t.Errorf("%s is linked: %s", name, why)
			}
		}
	}
}

// TestTagsMatchTaskfile ensures that the test above uses the tags of the Taskfile.
func TestTagsMatchTaskfile(t *testing.T) {
	for _, line := range []string{"TAGS: " + buildTags, "-tags '{{.TAGS}}'", "-s -w"} {
		if !strings.Contains(text(t, "Taskfile.yml"), line) {
			t.Errorf("Taskfile.yml: does not build with %q", line)
		}
	}
}

// TestLinkerSetsExistingVariables: the linker ignores -X for variables that do not exist.
func TestLinkerSetsExistingVariables(t *testing.T) {
	set := regexp.MustCompile(`-X \{\{\.OBS\}\}\.(\w+)=`).FindAllStringSubmatch(text(t, "Taskfile.yml"), -1)
	declared := regexp.MustCompile(`(?m)^var ([\w, ]+) string$`).FindStringSubmatch(text(t, "internal/obs/build.go"))
	if declared == nil {
		t.Fatal("internal/obs/build.go declares no variables for the linker")
	}
	var names []string
	for _, m := range set {
		names = append(names, m[1])
	}
	if got := strings.Join(names, ", "); got != declared[1] {
		t.Errorf("Taskfile.yml sets %s, internal/obs/build.go has %s", got, declared[1])
	}
}
