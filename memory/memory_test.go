package memory

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func TestEveryStateIsReachable(t *testing.T) {
	for _, m := range All() {
		reached := map[string]bool{m.Initial: true}
		for grown := true; grown; {
			grown = false
			for _, tr := range m.Transitions {
				if reached[tr.From] && !reached[tr.To] {
					reached[tr.To], grown = true, true
				}
			}
		}
		for _, s := range m.States {
			if !reached[s] {
				t.Errorf("%s: state %s cannot be reached from %s", m.Name, s, m.Initial)
			}
		}
	}
}

func TestTerminalStatesHaveNoExits(t *testing.T) {
	for _, m := range All() {
		if len(m.Terminal) == 0 {
			t.Errorf("%s: no terminal state", m.Name)
		}
		for s, row := range m.Table {
			for e, next := range row {
				if m.IsTerminal(State(s)) && next != State(s) {
					t.Errorf("%s: terminal state %s has an exit by %s", m.Name, m.States[s], m.Events[e])
				}
			}
		}
	}
}

func TestEveryOtherStateHasATimeout(t *testing.T) {
	for _, m := range All() {
		e := slices.Index(m.Events, "timeout")
		for s := range m.States {
			if m.IsTerminal(State(s)) {
				continue
			}
			if m.Table[s][e] == State(s) {
				t.Errorf("%s: state %s does not leave on timeout", m.Name, m.States[s])
			}
			if m.Timeout(State(s)) <= 0 {
				t.Errorf("%s: state %s has no note with a time-out", m.Name, m.States[s])
			}
		}
	}
}

func TestNextAgreesWithTransitions(t *testing.T) {
	for _, m := range All() {
		arrows := 0
		for s := range m.States {
			for e := range m.Events {
				want := State(s)
				for _, tr := range m.Transitions {
					if tr.From == m.States[s] && tr.Event == m.Events[e] {
						want = State(slices.Index(m.States, tr.To))
						arrows++
					}
				}
				if got := m.Next(State(s), Event(e)); got != want {
					t.Errorf("%s: Next(%s, %s) = %s, want %s", m.Name, m.States[s], m.Events[e], m.StateName(got), m.States[want])
				}
			}
		}
		if arrows != len(m.Transitions) {
			t.Errorf("%s: %d arrows in the table, %d in the diagram", m.Name, arrows, len(m.Transitions))
		}
	}
}

// TestConstantsMatchDiagrams compares names.go with the diagrams in both directions: each
// name in a diagram has a constant (load compares the lists), and each constant of type
// State or Event is in a list.
func TestConstantsMatchDiagrams(t *testing.T) {
	for name := range names {
		if _, err := load(name); err != nil {
			t.Error(err)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]bool{}
	listed := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				for _, spec := range n.Specs {
					for _, id := range spec.(*ast.ValueSpec).Names {
						constants[id.Name] = true
					}
				}
			}
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				listed[id.Name] = true
			}
		}
		return true
	})
	for c := range constants {
		if !listed[c] {
			t.Errorf("constant %s has no name in a diagram", c)
		}
	}
	if len(constants) == 0 {
		t.Fatal("no constants found in names.go")
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	m := TCP()
	s := TCPInactive
	if n := testing.AllocsPerRun(100, func() {
		s = m.Next(m.Next(TCPInactive, TCPOnSyn), TCPOnAnswered)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if s != TCPEstablished {
		t.Errorf("after SYN and answer: %s", m.StateName(s))
	}
}

func TestJSON(t *testing.T) {
	b, err := json.Marshal(All())
	if err != nil {
		t.Fatal(err)
	}
	var back []Machine
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	for i, m := range All() {
		if back[i].Diagram != m.Diagram || back[i].Initial != m.Initial || !slices.Equal(back[i].Transitions, m.Transitions) {
			t.Errorf("%s does not survive JSON", m.Name)
		}
		if m.Title == "" || !strings.Contains(m.Doc, m.Title) || !strings.HasPrefix(m.Diagram, "stateDiagram-v2\n") {
			t.Errorf("%s: title %q, diagram %.20q", m.Name, m.Title, m.Diagram)
		}
	}
}
