package memory

import (
	"strings"
	"testing"
	"time"
)

func page(lines ...string) string {
	return "# Lamp\n\nText.\n\n```mermaid\nstateDiagram-v2\n" + strings.Join(lines, "\n") + "\n```\n"
}

func TestParse(t *testing.T) {
	m, err := Parse("lamp", "lamp.md", page(
		"  [*] --> off",
		"  %% a comment",
		"  off --> on : press",
		"  on --> off : press",
		"  on --> broken : timeout",
		"  note right of on : timeout 1m30s of light",
		"  note right of off : dark",
		"  broken --> [*]"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Title != "Lamp" || m.Initial != "off" || len(m.Terminal) != 1 || m.Terminal[0] != "broken" {
		t.Errorf("title %q, initial %q, terminal %v", m.Title, m.Initial, m.Terminal)
	}
	if m.Next(0, 0) != 1 || m.Next(1, 0) != 0 || m.Next(1, 1) != 2 || m.Next(0, 1) != 0 {
		t.Errorf("table %v", m.Table)
	}
	if m.Timeout(1) != 90*time.Second || m.Timeout(0) != 0 {
		t.Errorf("time-outs %v", m.Timeouts)
	}
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"no diagram":        {"# A\ntext\n", "a.md:1: no ```mermaid block"},
		"not closed":        {"# A\n```mermaid\nstateDiagram-v2\n[*] --> x\nx --> y : e\n", "a.md:2: diagram is not closed"},
		"other diagram":     {"# A\n```mermaid\nflowchart LR\n```\n", `a.md:3: want "stateDiagram-v2"`},
		"second diagram":    {page("[*] --> x", "x --> y : e") + "```mermaid\n```\n", "a.md:10: second diagram"},
		"no initial":        {page("x --> y : e"), "a.md:7: no initial state"},
		"two initial":       {page("[*] --> x", "[*] --> y", "x --> y : e"), "a.md:8: second initial state; the first is on line 7"},
		"no arrows":         {page("[*] --> x"), "a.md:7: no arrows"},
		"no event":          {page("[*] --> x", "x --> y"), "a.md:8: arrow from"},
		"bad event":         {page("[*] --> x", "x --> y : Go On"), "a.md:8: arrow from"},
		"bad state":         {page("[*] --> X"), `a.md:7: "X" is not a state`},
		"ambiguous":         {page("[*] --> x", "x --> y : e", "x --> z : e"), "a.md:9: state x has two arrows for event e; the other is on line 8"},
		"exit of terminal":  {page("[*] --> x", "x --> y : e", "y --> x : f", "y --> [*]"), "a.md:9: terminal state y has an exit to x"},
		"twice terminal":    {page("[*] --> x", "x --> [*]", "x --> [*]"), "a.md:9: state x is marked terminal twice"},
		"no states":         {page("[*] --> [*]"), "a.md:7: arrow from"},
		"junk":              {page("[*] --> x", "hello"), `a.md:8: cannot parse "hello"`},
		"long note":         {page("[*] --> x", "note right of x"), "a.md:8: cannot parse note"},
		"bad time-out":      {page("[*] --> x", "x --> y : timeout", "note right of x : timeout soon"), `a.md:9: time-out "soon" of state x`},
		"negative time-out": {page("[*] --> x", "x --> y : timeout", "note right of x : timeout -1s"), "a.md:9: time-out"},
		"note of no state":  {page("[*] --> x", "x --> y : timeout", "note right of z : timeout 1s"), `note for state "z"`},
		"two notes": {page("[*] --> x", "x --> y : timeout", "note right of x : timeout 1s", "note left of x : timeout 2s"),
			"state x has two time-outs"},
		"note without arrow": {page("[*] --> x", "x --> y : e", "note right of x : timeout 1s"), "no arrow for event timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("a", "a.md", c.page)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, m := range All() {
		f.Add(m.Doc)
	}
	f.Fuzz(func(t *testing.T, page string) {
		m, err := Parse("f", "f.md", page)
		if err != nil {
			return
		}
		for s := range m.States {
			for e := range m.Events {
				if next := m.Next(State(s), Event(e)); int(next) >= len(m.States) {
					t.Fatalf("next state %d of %d", next, len(m.States))
				}
			}
		}
	})
}
