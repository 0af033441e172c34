package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/netlyra/netlyra/"

// source is one Go file of the repository.
type source struct {
	path      string // from the root, with slashes
	dir       string // of the package
	lines     int
	test      bool
	generated bool
	tree      *ast.File
	positions *token.FileSet
	imports   []string
}

// under reports whether the file is in a component: its directory or a subdirectory.
func (s *source) under(component string) bool { return within(s.dir, component) }

func within(dir, component string) bool {
	return dir == component || strings.HasPrefix(dir, component+"/")
}

// at returns the position of a node, for messages.
func (s *source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.positions.Position(n.Pos()).Line)
}

var read = sync.OnceValues(func() (all []*source, err error) {
	root := os.DirFS(filepath.Join("..", ".."))
	err = fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || p == "data"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s, err := readSource(root, p)
		all = append(all, s)
		return err
	})
	return all, err
})

func readSource(root fs.FS, p string) (*source, error) {
	text, err := fs.ReadFile(root, p)
	if err != nil {
		return nil, err
	}
	s := &source{
		path: p, dir: path.Dir(p), lines: bytes.Count(text, []byte("\n")),
		test: strings.HasSuffix(p, "_test.go"), positions: token.NewFileSet(),
	}
	if s.tree, err = parser.ParseFile(s.positions, p, text, parser.ParseComments); err != nil {
		return nil, err
	}
	s.generated = ast.IsGenerated(s.tree)
	for _, i := range s.tree.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, err
		}
		s.imports = append(s.imports, name)
	}
	return s, nil
}

func sources(t *testing.T) []*source {
	t.Helper()
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found only %d files", len(all))
	}
	return all
}
