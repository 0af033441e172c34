package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// A time in the database has one unit, which models.Timestamp decides: the store turns no
// time into a number itself, and writes no struct through GORM, whose conventions do.
func TestTheStoreKnowsOneUnitOfTime(t *testing.T) {
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
				t.Errorf("%s: %s; times of the database are models.Timestamp", s.at(call), sel.Sel.Name)
			}
			if orm && slices.Contains(writes, sel.Sel.Name) && len(call.Args) > 0 {
				t.Errorf("%s: %s; rows are written by SQL", s.at(call), sel.Sel.Name)
			}
			return true
		})
	}
	if files == 0 {
		t.Error("no file of the store was looked at")
	}
}

// Structs with columns are the store's models, or embedded in them: a struct that GORM knows
// elsewhere would not be held against its conventions.
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
