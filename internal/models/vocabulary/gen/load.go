package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// vocabulary is the content of the package: its identifiers and their tables.
type vocabulary struct {
	constants map[string]string // name of a constant to its value
	tables    []table           // sorted by name
	next      map[string]string // next steps by code of a kind
}

// table is one exported slice of entries.
type table struct {
	name    string // of the variable, as in "BusEvents"
	doc     string
	entries []entry
}

type entry struct {
	constant         string // name of the constant that is the code
	code, name, help string
}

// load reads the package's source instead of importing it, so that a table needs no
// registration.
func load(dir string) (*vocabulary, error) {
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	// Imports are not resolved: they do not matter for constants.
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	_, _ = conf.Check("vocabulary", fset, files, info)

	p := &vocabulary{constants: map[string]string{}, next: map[string]string{}}
	for ident, obj := range info.Defs {
		if c, ok := obj.(*types.Const); ok && ident.IsExported() && c.Val().Kind() == constant.String {
			p.constants[ident.Name] = constant.StringVal(c.Val())
		}
	}
	for _, f := range files {
		if err := p.addTables(f, info); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.tables, func(a, b table) int { return strings.Compare(a.name, b.name) })
	return p, nil
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not resolved") }

// addTables adds the exported variables of type []Entry of a file.
func (p *vocabulary) addTables(f *ast.File, info *types.Info) error {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if len(v.Names) != 1 || len(v.Values) != 1 {
				continue
			}
			lit, ok := v.Values[0].(*ast.CompositeLit)
			if !ok {
				continue
			}
			if v.Names[0].Name == nextSteps {
				if err := p.addNext(lit, info); err != nil {
					return err
				}
			}
			if !v.Names[0].IsExported() {
				continue
			}
			t := table{name: v.Names[0].Name, doc: g.Doc.Text()}
			for _, e := range lit.Elts {
				row, err := newEntry(e, info)
				if err != nil {
					return fmt.Errorf("%s: %w", t.name, err)
				}
				t.entries = append(t.entries, row)
			}
			p.tables = append(p.tables, t)
		}
	}
	return nil
}

// nextSteps is the variable with the next steps for each kind of alert.
const nextSteps = "nextSteps"

// addNext adds the pairs of a literal map from code to text.
func (p *vocabulary) addNext(lit *ast.CompositeLit, info *types.Info) error {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return errors.New(nextSteps + " is not a map")
		}
		code, text := info.Types[kv.Key].Value, info.Types[kv.Value].Value
		if code == nil || text == nil || code.Kind() != constant.String || text.Kind() != constant.String {
			return errors.New(nextSteps + " has a pair that is not of constant strings")
		}
		p.next[constant.StringVal(code)] = constant.StringVal(text)
	}
	return nil
}

// newEntry evaluates one literal {code, name, help}.
func newEntry(e ast.Expr, info *types.Info) (entry, error) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok || len(lit.Elts) != 3 {
		return entry{}, errors.New("an entry is not of the form {code, name, help}")
	}
	var row entry
	for i, to := range []*string{&row.code, &row.name, &row.help} {
		v := info.Types[lit.Elts[i]].Value
		if v == nil || v.Kind() != constant.String {
			return entry{}, errors.New("an entry has a field that is not a constant string")
		}
		*to = constant.StringVal(v)
	}
	ast.Inspect(lit.Elts[0], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if _, ok := info.Uses[id].(*types.Const); ok {
				row.constant = id.Name
			}
		}
		return true
	})
	return row, nil
}
