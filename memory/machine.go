package memory

import "time"

// State is the index of a state in Machine.States.
type State uint8

// Event is the index of an event in Machine.Events.
type Event uint8

// Machine is a finite state machine that was parsed from a page of this directory.
type Machine struct {
	Name        string       `json:"name"`     // file name without .md
	Title       string       `json:"title"`    // first heading of the page
	States      []string     `json:"states"`   // in order of appearance in the diagram
	Events      []string     `json:"events"`   // in order of appearance in the diagram
	Initial     string       `json:"initial"`  // name of the initial state
	Terminal    []string     `json:"terminal"` // names of the states without exits
	Transitions []Transition `json:"transitions"`
	Timeouts    []Timeout    `json:"timeouts"`
	Diagram     string       `json:"diagram"` // the mermaid source, without its fence
	Doc         string       `json:"doc"`     // the complete page, Markdown

	Table [][]State `json:"-"` // [state][event]; a cell without transition holds the state itself
	next  []State   // Table as one slice, so that a lookup is one load
	width int
	limit []time.Duration // by state; 0 without a note
}

// Transition is one arrow of the diagram.
type Transition struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Event string `json:"event"`
	Line  int    `json:"line"` // of the page, from 1
}

// Timeout is the duration of a state after which event `timeout` occurs.
type Timeout struct {
	State   string        `json:"state"`
	After   time.Duration `json:"-"`
	Seconds float64       `json:"seconds"`
}

// Next returns the state after event e in state s: s itself if the diagram has no
// such arrow. Both must be indices of this machine.
func (m *Machine) Next(s State, e Event) State { return m.next[int(s)*m.width+int(e)] }

// Timeout returns the time-out of state s, or 0 if the diagram has none.
func (m *Machine) Timeout(s State) time.Duration { return m.limit[s] }

// StateName returns the name of s, or "" if s is not a state of this machine.
func (m *Machine) StateName(s State) string {
	if int(s) < len(m.States) {
		return m.States[s]
	}
	return ""
}

// IsTerminal reports whether s has no exits.
func (m *Machine) IsTerminal(s State) bool {
	name := m.StateName(s)
	for _, t := range m.Terminal {
		if t == name {
			return true
		}
	}
	return false
}
