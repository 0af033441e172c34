package prose

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// chunk is a piece of text and the line on which it begins.
type chunk struct {
	line int
	text string
}

// chunksOf returns what is checked of a file: comments, string literals and declared
// names of Go files, the whole text of others.
func chunksOf(t *testing.T, p, text string) []chunk {
	t.Helper()
	if path.Ext(p) != ".go" {
		return []chunk{{1, separate(text)}}
	}
	positions := token.NewFileSet()
	tree, err := parser.ParseFile(positions, p, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var chunks []chunk
	add := func(at token.Pos, text string) {
		chunks = append(chunks, chunk{positions.Position(at).Line, text})
	}
	for _, c := range tree.Comments {
		add(c.Pos(), c.Text())
	}
	name := func(names ...*ast.Ident) {
		for _, n := range names {
			add(n.Pos(), separate(n.Name))
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if s, err := strconv.Unquote(n.Value); err == nil {
					add(n.Pos(), separate(s))
				}
			}
		case *ast.FuncDecl:
			name(n.Name)
		case *ast.TypeSpec:
			name(n.Name)
		case *ast.ValueSpec:
			name(n.Names...)
		case *ast.Field:
			name(n.Names...)
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && n.Tok == token.DEFINE {
					name(id)
				}
			}
		}
		return true
	})
	return chunks
}

var joints = regexp.MustCompile(`([a-z0-9])([A-Z])|_`)

// separate puts spaces between the words of names, except for names that are part of the
// wire format.
func separate(text string) string {
	return joints.ReplaceAllString(wireNames.Replace(text), "$1 $2")
}

var wireNames = strings.NewReplacer("flag_oddity", "flagoddity", "left_out", "leftout")

// finding is an occurrence of a turn.
type finding struct {
	turn
	match  string
	offset int
}

// find returns the occurrences of all turns in the text. A turn may extend over several
// lines of a comment.
func find(text string) (found []finding) {
	if !anyTurn.MatchString(text) {
		return nil
	}
	for i, re := range compiled {
		for _, at := range re.FindAllStringIndex(text, -1) {
			found = append(found, finding{turns[i], text[at[0]:at[1]], at[0]})
		}
	}
	return found
}

var compiled = func() (all []*regexp.Regexp) {
	for _, t := range turns {
		all = append(all, regexp.MustCompile(expression(t.pattern)))
	}
	return all
}()

// anyTurn matches if any turn does; most texts contain none.
var anyTurn = func() *regexp.Regexp {
	var all []string
	for _, t := range turns {
		all = append(all, t.pattern)
	}
	return regexp.MustCompile(expression(strings.Join(all, "|")))
}()

// expression returns the case-insensitive regular expression of a pattern.
func expression(pattern string) string {
	return `(?i)\b(?:` + strings.ReplaceAll(pattern, " ", `(?:\s|#|//|\*)+`) + `)\b`
}
