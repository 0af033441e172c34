package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

const vocabularyDir = "internal/models/vocabulary"

// logMethods are the methods of a logger whose lines need an event.
var logMethods = []string{"Info", "Warn", "Error", "InfoContext", "WarnContext", "ErrorContext"}

// TestLogLinesHaveEvents: every log line at Info or above has the attribute event, so that
// programs need not compare its text.
func TestLogLinesHaveEvents(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.under("internal/faults") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && logs(call) && !slices.ContainsFunc(call.Args, isAttr) {
				t.Errorf("%s: log line without an event; add vocabulary.Event….Attr()", s.at(call))
			}
			return true
		})
	}
}

// logs reports whether the call writes a log line: log.Warn, c.deps.Log.Error, c.Log().Info.
func logs(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(logMethods, method.Sel.Name) || len(call.Args) == 0 {
		return false
	}
	receiver := method.X
	if c, ok := receiver.(*ast.CallExpr); ok {
		receiver = c.Fun
	}
	switch x := receiver.(type) {
	case *ast.Ident:
		return isLogger(x.Name)
	case *ast.SelectorExpr:
		return isLogger(x.Sel.Name)
	}
	return false
}

func isLogger(name string) bool {
	return slices.Contains([]string{"log", "logger", "slog"}, strings.ToLower(name))
}

// isAttr reports whether the argument is the attribute of an event.
func isAttr(arg ast.Expr) bool {
	call, ok := arg.(*ast.CallExpr)
	if !ok {
		return false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	return ok && method.Sel.Name == "Attr" && len(call.Args) == 0
}

// TestIdentifiersAreUsed: what the vocabulary describes as an event or a condition exists.
func TestIdentifiersAreUsed(t *testing.T) {
	declared, used := map[string]string{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for _, name := range n.Names {
					if s.dir == vocabularyDir && name.Name != "EventKey" && (strings.HasPrefix(name.Name, "Event") || strings.HasPrefix(name.Name, "Condition")) {
						declared[name.Name] = s.at(n)
					}
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "vocabulary" {
					used[n.Sel.Name] = true
				}
			}
			return true
		})
	}
	if len(declared) < 50 {
		t.Fatalf("found only %d identifiers", len(declared))
	}
	for name, at := range declared {
		if !used[name] {
			t.Errorf("%s: %s is not used", at, name)
		}
	}
}
