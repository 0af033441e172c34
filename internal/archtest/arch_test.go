package archtest

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// place returns the component of a directory and its layer, or layer -1 for a free
// component. ok is false if no rule covers the directory.
func place(dir string) (component string, layer int, ok bool) {
	for i, l := range layers {
		for _, c := range l {
			if within(dir, c) {
				return c, i, true
			}
		}
	}
	for _, c := range free {
		if within(dir, c) {
			return c, -1, true
		}
	}
	return "", 0, false
}

func TestImportsRunOneWay(t *testing.T) {
	for _, s := range sources(t) {
		from, layer, ok := place(s.dir)
		if !ok {
			t.Errorf("%s: directory %s has no layer; add it to rules_test.go", s.path, s.dir)
			continue
		}
		if s.test {
			continue
		}
		for _, name := range s.imports {
			dir, own := strings.CutPrefix(name, module)
			if !own || within(dir, from) {
				continue
			}
			to, below, ok := place(dir)
			if users := only[to]; users != nil {
				if !slices.Contains(users, from) {
					t.Errorf("%s: only %v may import %s", s.path, users, dir)
				}
				continue
			}
			if !ok || layer == -1 || below <= layer {
				t.Errorf("%s: %s must not import %s", s.path, from, dir)
			}
		}
	}
}

func TestLibrariesHaveOneHome(t *testing.T) {
	for _, s := range sources(t) {
		component, _, _ := place(s.dir)
		for _, name := range s.imports {
			for prefix, homes := range libraries {
				if strings.HasPrefix(name, prefix) && !s.test && !slices.Contains(homes, component) {
					t.Errorf("%s: imports %s; only %v may import it", s.path, name, homes)
				}
			}
		}
	}
}

func TestStandardLibraryOnly(t *testing.T) {
	for _, s := range sources(t) {
		for _, c := range standardOnly {
			if s.test || !s.under(c) {
				continue
			}
			for _, name := range s.imports {
				first, _, _ := strings.Cut(name, "/")
				if strings.Contains(first, ".") && !within(strings.TrimPrefix(name, module), c) {
					t.Errorf("%s: imports %s; %s may import only the standard library", s.path, name, c)
				}
			}
		}
	}
}

func TestEveryPackageHasItsComment(t *testing.T) {
	documented, files := map[string]bool{}, map[string]int{}
	for _, s := range sources(t) {
		if !s.test {
			files[s.dir]++
		}
	}
	for _, s := range sources(t) {
		documented[s.dir] = documented[s.dir] || s.documents(files[s.dir] == 1)
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: needs a doc.go that starts with \"// Package %s …\"", dir, path.Base(dir))
		}
	}
}

// documents reports whether the file contains the package comment in the right place:
// doc.go, or the only file of the package.
func (s *source) documents(single bool) bool {
	switch {
	case s.tree.Doc == nil:
		return false
	case s.tree.Name.Name == "main":
		return strings.HasPrefix(s.tree.Doc.Text(), "Command ")
	}
	return (single || path.Base(s.path) == "doc.go") && strings.HasPrefix(s.tree.Doc.Text(), "Package "+s.tree.Name.Name+" ")
}

func TestFilesStayReadable(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > maxLines && !s.generated {
			t.Errorf("%s has %d lines; the limit is %d", s.path, s.lines, maxLines)
		}
	}
}

func TestPackagesStaySmall(t *testing.T) {
	files := map[string]int{}
	for _, s := range sources(t) {
		if !s.test {
			files[s.dir]++
		}
	}
	for dir, n := range files {
		if n > maxFiles {
			t.Errorf("%s has %d non-test files; the limit is %d; split the package", dir, n, maxFiles)
		}
	}
}

// calls returns every call of the named functions of package time.
func (s *source) calls(names ...string) (found []*ast.SelectorExpr) {
	if !slices.Contains(s.imports, "time") {
		return nil
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(names, sel.Sel.Name) {
				found = append(found, sel)
			}
		}
		return true
	})
	return found
}

// TestNoTestSleeps: a test that sleeps is slow, and fails on slower machines.
func TestNoTestSleeps(t *testing.T) {
	for _, s := range sources(t) {
		for _, call := range s.calls("Sleep") {
			if s.test {
				t.Errorf("%s: time.Sleep; use testing/synctest, a channel or a condition", s.at(call))
			}
		}
	}
}

func TestEventTimeOnly(t *testing.T) {
	for _, s := range sources(t) {
		for _, component := range eventTime {
			if s.test || !s.under(component) || wallClock[s.path] != "" {
				continue
			}
			for _, call := range s.calls("Now", "Since", "Until", "After", "Tick", "NewTicker", "NewTimer", "AfterFunc") {
				t.Errorf("%s: time.%s; %s must use event time only", s.at(call), call.Sel.Name, component)
			}
		}
	}
}

// Open tasks belong in issues, not in comments.
func TestNothingIsLeftToDo(t *testing.T) {
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"}
	for _, s := range sources(t) {
		for _, group := range s.tree.Comments {
			for _, c := range group.List {
				for _, mark := range marks {
					if strings.Contains(c.Text, mark) && !s.generated {
						t.Errorf("%s: %s", s.at(c), mark)
					}
				}
			}
		}
	}
}
