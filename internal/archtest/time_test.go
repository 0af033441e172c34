package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// Times in the database have one unit, defined by models.Timestamp: the store never converts
// times to numbers itself, and never writes structs through GORM, which would.
func TestStoreUsesOneTimeUnit(t *testing.T) {
	units := []string{"Unix", "UnixMilli", "UnixMicro", "UnixNano"}
	writes := []string{"Create", "CreateInBatches", "Save", "Update", "Updates", "UpdateColumn", "UpdateColumns", "Delete", "FirstOrCreate", "FirstOrInit", "AutoMigrate"}
	files := 0
	for _, s := range sources(t) {
		if s.test || !s.under("internal/store") {
			continue
		}
		files++
		orm := slices.ContainsFunc(s.imports, func(name string) bool { return strings.HasPrefix(name, "gorm.io/") })
		ast.Inspect(s.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if slices.Contains(units, sel.Sel.Name) {
				t.Errorf("%s: %s; use models.Timestamp for times in the database", s.at(call), sel.Sel.Name)
			}
			if orm && slices.Contains(writes, sel.Sel.Name) && len(call.Args) > 0 {
				t.Errorf("%s: %s; write rows with SQL", s.at(call), sel.Sel.Name)
			}
			return true
		})
	}
	if files == 0 {
		t.Error("found no file of the store")
	}
}

// Only the store's models, or structs embedded in them, have columns: a test of the store
// checks those against GORM's conventions, but would not find others.
func TestColumnsAreOnlyInModels(t *testing.T) {
	homes := []string{"internal/store/row/row.go", "internal/models/alert.go", "internal/models/connection.go", "internal/models/triage.go"}
	for _, s := range sources(t) {
		if s.test || slices.Contains(homes, s.path) {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok && f.Tag != nil && strings.Contains(f.Tag.Value, `gorm:"`) {
				t.Errorf("%s: a field with a column outside of %v; add its struct to row.Models", s.at(f), homes)
			}
			return true
		})
	}
}
