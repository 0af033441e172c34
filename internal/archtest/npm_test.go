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

// text returns the content of a file of the repository.
func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// npmPackage has the common fields of package.json and entries of package-lock.json.
type npmPackage struct {
	Version              string            `json:"version"`
	Resolved             string            `json:"resolved"`
	Integrity            string            `json:"integrity"`
	Link                 bool              `json:"link"`
	Dependencies         map[string]string `json:"dependencies"`
	DevDependencies      map[string]string `json:"devDependencies"`
	OptionalDependencies map[string]string `json:"optionalDependencies"`
}

// declared returns the direct dependencies of the package.
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

// TestNPMVersionsAreExact: with a range, regenerating the lock file could add an unreviewed
// release to the dashboard.
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
			t.Errorf("%s/package.json has no dependencies", dir)
		}
		for name, version := range manifest.declared() {
			if !exactVersion.MatchString(version) {
				t.Errorf("%s/package.json: %s %q; give the exact version", dir, name, version)
			}
			if locked := root.declared()[name]; locked != version {
				t.Errorf("%s/package-lock.json requires %s %q, package.json %q; run npm install", dir, name, locked, version)
			}
			if installed := lock.Packages["node_modules/"+name].Version; installed != version {
				t.Errorf("%s/package-lock.json installs %s %q, package.json requires %q; run npm install", dir, name, installed, version)
			}
		}
		for path, p := range lock.Packages {
			if path != "" && !p.Link && p.Integrity == "" {
				t.Errorf("%s/package-lock.json: %s has no checksum", dir, path)
			}
		}
	}
}

// TestLockFilesNameNoRegistry: packages are installed from the configured registry and
// verified by checksum.
func TestLockFilesNameNoRegistry(t *testing.T) {
	for _, dir := range npmDirs {
		var lock struct {
			Packages map[string]npmPackage `json:"packages"`
		}
		decode(t, dir+"/package-lock.json", &lock)
		for path, p := range lock.Packages {
			if u, err := url.Parse(p.Resolved); err != nil || u.Host != "" {
				t.Errorf("%s/package-lock.json: %s contains the registry URL %q", dir, path, p.Resolved)
			}
		}
		rc := strings.Fields(text(t, dir+"/.npmrc"))
		for _, want := range []string{"omit-lockfile-registry-resolved=true", "save-exact=true"} {
			if !slices.Contains(rc, want) {
				t.Errorf("%s/.npmrc: missing %s", dir, want)
			}
		}
		for _, line := range rc {
			if strings.Contains(line, "registry=") && !strings.HasPrefix(line, "omit-") {
				t.Errorf("%s/.npmrc contains a registry: %s", dir, line)
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
