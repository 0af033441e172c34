package prose

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// extensions are the types of files that are checked. Lock files, captures and generated
// build output are not written by people.
var extensions = []string{".go", ".md", ".ts", ".svelte", ".mjs", ".css", ".html", ".yml", ".yaml", ".sh", ".proto", ".bru", ".service", ".example"}

// named are files without one of these extensions.
var named = []string{".ci/run", ".gitattributes", ".gitignore", "NOTICE", "docs/schemas/alert.schema.json", "docs/schemas/connection.schema.json",
	"docs/schemas/packet.schema.json", "docs/schemas/scores.schema.json", "docs/schemas/stats.schema.json"}

// skipped are directories, by name or path, that contain no prose of the repository.
var skipped = []string{".git", ".task", "node_modules", "testdata", "dist", "bin", "data", ".ci/out", "internal/prose", "ui/test-results"}

// files returns the paths, relative to the root, of all files to check.
func files(t *testing.T, root fs.FS) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (slices.Contains(skipped, p) || slices.Contains(skipped, d.Name())):
			return fs.SkipDir
		case !d.IsDir() && (slices.Contains(extensions, path.Ext(p)) || slices.Contains(named, p)):
			all = append(all, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("found only %d files", len(all))
	}
	return all
}

func TestPlainEnglish(t *testing.T) {
	root := os.DirFS(filepath.Join("..", ".."))
	for _, p := range files(t, root) {
		text, err := fs.ReadFile(root, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chunksOf(t, p, string(text)) {
			for _, f := range find(c.text) {
				if !slices.Contains(exceptions[p], f.pattern) {
					t.Errorf("%s:%d: %q; write %s", p, c.line+strings.Count(c.text[:f.offset], "\n"), f.match, f.use)
				}
			}
		}
	}
}

// TestTurnsMatch checks that each expression matches itself, across the line breaks of a
// comment and in a name.
func TestTurnsMatch(t *testing.T) {
	for _, tt := range []struct{ text, pattern string }{
		{"the log was made anew", "anew"},
		{"for\n# whom", "whom"},
		{"it is\n// told of", "told of"},
		{separate("pipelineMadeAnew"), "anew"},
		{separate("made_anew"), "anew"},
		{"Nobody knows", "nobody"},
	} {
		if !slices.ContainsFunc(find(tt.text), func(f finding) bool { return f.pattern == tt.pattern }) {
			t.Errorf("%q is not found in %q", tt.pattern, tt.text)
		}
	}
	for _, plain := range []string{"a renewed lease", "the tellurian", "toll of", "wholesale", "a parameter"} {
		if found := find(plain); len(found) > 0 {
			t.Errorf("%q is found in %q", found[0].match, plain)
		}
	}
}

// TestExceptionsAreUsed keeps the list of exceptions short.
func TestExceptionsAreUsed(t *testing.T) {
	root := os.DirFS(filepath.Join("..", ".."))
	for p, patterns := range exceptions {
		text, err := fs.ReadFile(root, p)
		if err != nil {
			t.Errorf("exceptions: %v", err)
			continue
		}
		for _, pattern := range patterns {
			if !slices.ContainsFunc(chunksOf(t, p, string(text)), func(c chunk) bool {
				return slices.ContainsFunc(find(c.text), func(f finding) bool { return f.pattern == pattern })
			}) {
				t.Errorf("exceptions: %s does not contain %q; remove the exception", p, pattern)
			}
		}
	}
}
