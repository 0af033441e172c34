package archtest

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// text is a file of the repository.
func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// npmPackage is what package.json and an entry of package-lock.json have in common.
type npmPackage struct {
	Version              string            `json:"version"`
	Resolved             string            `json:"resolved"`
	Integrity            string            `json:"integrity"`
	Link                 bool              `json:"link"`
	Dependencies         map[string]string `json:"dependencies"`
	DevDependencies      map[string]string `json:"devDependencies"`
	OptionalDependencies map[string]string `json:"optionalDependencies"`
}

// declared are the dependencies that the package names itself.
func (p *npmPackage) declared() map[string]string {
	all := map[string]string{}
	for _, group := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies} {
		for name, version := range group {
			all[name] = version
		}
	}
	return all
}

var exactVersion = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// TestNPMVersionsAreExact: a range would let a release that nobody has looked at into
// the page, whenever somebody writes the lock file anew.
func TestNPMVersionsAreExact(t *testing.T) {
	for _, dir := range npmDirs {
		var manifest npmPackage
		decode(t, dir+"/package.json", &manifest)
		var lock struct {
			Packages map[string]npmPackage `json:"packages"`
		}
		decode(t, dir+"/package-lock.json", &lock)
		root := lock.Packages[""]
		if len(manifest.declared()) == 0 {
			t.Errorf("%s/package.json: no dependencies found", dir)
		}
		for name, version := range manifest.declared() {
			if !exactVersion.MatchString(version) {
				t.Errorf("%s/package.json: %s %q; give the exact version", dir, name, version)
			}
			if locked := root.declared()[name]; locked != version {
				t.Errorf("%s/package-lock.json: wants %s %q, package.json %q; run npm install", dir, name, locked, version)
			}
			if installed := lock.Packages["node_modules/"+name].Version; installed != version {
				t.Errorf("%s/package-lock.json: installs %s %q, package.json says %q; run npm install", dir, name, installed, version)
			}
		}
		for path, p := range lock.Packages {
			if path != "" && !p.Link && p.Integrity == "" {
				t.Errorf("%s/package-lock.json: %s has no checksum", dir, path)
			}
		}
	}
}

// TestLockFilesNameNoRegistry: packages come from whatever registry is configured
// where they are installed, and are known by their checksums.
func TestLockFilesNameNoRegistry(t *testing.T) {
	for _, dir := range npmDirs {
		var lock struct {
			Packages map[string]npmPackage `json:"packages"`
		}
		decode(t, dir+"/package-lock.json", &lock)
		for path, p := range lock.Packages {
			if u, err := url.Parse(p.Resolved); err != nil || u.Host != "" {
				t.Errorf("%s/package-lock.json: %s is tied to %q", dir, path, p.Resolved)
			}
		}
		rc := strings.Fields(text(t, dir+"/.npmrc"))
		for _, want := range []string{"omit-lockfile-registry-resolved=true", "save-exact=true"} {
			if !slices.Contains(rc, want) {
				t.Errorf("%s/.npmrc: wants %s", dir, want)
			}
		}
		for _, line := range rc {
			if strings.Contains(line, "registry=") && !strings.HasPrefix(line, "omit-") {
				t.Errorf("%s/.npmrc: names a registry: %s", dir, line)
			}
		}
	}
}

func decode(t *testing.T, name string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text(t, name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
