package archtest

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile(`\b(?:Test|Benchmark|Fuzz)[A-Z]\w*`)
	namedPath = regexp.MustCompile("`((?:internal|engine|cmd|memory|tools|deploy)/[\\w./-]*\\w)`")
	namedTask = regexp.MustCompile(`go tool task ([a-z][\w:-]*)`)
	link      = regexp.MustCompile(`\]\(([^)#\s:]+)(?:#[^)]*)?\)`)
	task      = regexp.MustCompile(`(?m)^  ([a-z][\w:-]*):`)
)

// TestDocsNameWhatExists: tests, paths, tasks and files that the documentation names exist.
// The name of a test may be the beginning of several.
func TestDocsNameWhatExists(t *testing.T) {
	root := os.DirFS(filepath.Join("..", ".."))
	tests := testNames(t)
	taskfile, err := fs.ReadFile(root, "Taskfile.yml")
	if err != nil {
		t.Fatal(err)
	}
	tasks := map[string]bool{}
	for _, m := range task.FindAllStringSubmatch(string(taskfile), -1) {
		tasks[m[1]] = true
	}
	exists := func(name string) bool { _, err := fs.Stat(root, name); return err == nil }
	pages := markdown(t, root)
	if len(pages) < 20 {
		t.Fatalf("found only %d pages", len(pages))
	}
	for _, page := range pages {
		b, err := fs.ReadFile(root, page)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, name := range namedTest.FindAllString(text, -1) {
			if !strings.Contains(tests, "func "+name) {
				t.Errorf("%s: there is no test %s", page, name)
			}
		}
		for _, m := range namedPath.FindAllStringSubmatch(text, -1) {
			if !exists(m[1]) {
				t.Errorf("%s: there is no %s", page, m[1])
			}
		}
		for _, m := range namedTask.FindAllStringSubmatch(text, -1) {
			if !tasks[m[1]] {
				t.Errorf("%s: there is no task %s", page, m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if !exists(path.Join(path.Dir(page), m[1])) {
				t.Errorf("%s: link to %s, which does not exist", page, m[1])
			}
		}
	}
}

// testNames returns the declarations of all tests, benchmarks and fuzz targets.
func testNames(t *testing.T) string {
	var b strings.Builder
	for _, s := range sources(t) {
		if !s.test {
			continue
		}
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				b.WriteString("func " + f.Name.Name + "\n")
			}
		}
	}
	return b.String()
}

// markdown lists the pages of the repository.
func markdown(t *testing.T, root fs.FS) (pages []string) {
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || p == ".ci" || p == "data"):
			return fs.SkipDir
		case strings.HasSuffix(p, ".md"):
			pages = append(pages, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}
