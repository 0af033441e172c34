package memory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	fence     = "```"
	openFence = "```mermaid"
	header    = "stateDiagram-v2"
	outside   = "[*]" // mermaid's notation for start and end
	arrow     = "-->"
	timeout   = "timeout"
)

// pageReader is the state of parsing one page.
type pageReader struct {
	file    string
	m       *Machine
	opened  int // line number of the diagram's start, 0 before it
	closed  bool
	initial int // line number of the initial arrow
	seen    map[[2]string]int
}

// Parse parses a page; name becomes the name of the machine. Errors contain file and line.
func Parse(name, file, page string) (*Machine, error) {
	p := &pageReader{file: file, m: &Machine{Name: name, Doc: page}, seen: map[[2]string]int{}}
	var diagram []string
	for i, line := range strings.Split(page, "\n") {
		n, text := i+1, strings.TrimSpace(line)
		switch {
		case p.opened == 0 && p.m.Title == "" && strings.HasPrefix(text, "# "):
			p.m.Title = strings.TrimSpace(text[2:])
		case text == openFence:
			if p.opened != 0 {
				return nil, p.errorf(n, "second diagram; a page has one machine")
			}
			p.opened = n
		case p.opened != 0 && !p.closed && text == fence:
			p.closed = true
		case p.opened != 0 && !p.closed:
			diagram = append(diagram, strings.TrimRight(line, " \r"))
			if err := p.line(n, text); err != nil {
				return nil, err
			}
		}
	}
	p.m.Diagram = strings.Join(diagram, "\n") + "\n"
	return p.finish(len(diagram))
}

func (p *pageReader) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.file, line, fmt.Sprintf(format, args...))
}

// line parses one line of the diagram.
func (p *pageReader) line(n int, text string) error {
	switch {
	case n == p.opened+1:
		if text != header {
			return p.errorf(n, "want %q as the first line of the diagram, got %.40q", header, text)
		}
	case text == "" || strings.HasPrefix(text, "%%") || strings.HasPrefix(text, "direction "):
	case strings.HasPrefix(text, "note "):
		return p.note(n, text)
	case strings.Contains(text, arrow):
		return p.arrow(n, text)
	default:
		return p.errorf(n, "cannot parse %.60q: want `a --> b : event`, a note or a %%%% comment", text)
	}
	return nil
}

func (p *pageReader) arrow(n int, text string) error {
	ends, event, _ := strings.Cut(text, ":")
	from, to, _ := strings.Cut(ends, arrow)
	from, to, event = strings.TrimSpace(from), strings.TrimSpace(to), strings.TrimSpace(event)
	switch {
	case from == outside && to == outside:
		return p.errorf(n, "arrow from %s to %s has no meaning", outside, outside)
	case from == outside:
		if p.initial != 0 {
			return p.errorf(n, "second initial state; the first is on line %d", p.initial)
		}
		p.initial = n
		p.m.Initial = to
		return p.state(n, to)
	case to == outside:
		if slices.Contains(p.m.Terminal, from) {
			return p.errorf(n, "state %s is marked terminal twice", from)
		}
		p.m.Terminal = append(p.m.Terminal, from)
		return p.state(n, from)
	}
	if !isName(event) {
		return p.errorf(n, "arrow from %.20q to %.20q needs an event: lower-case letters, digits and _ after the colon", from, to)
	}
	if err := p.state(n, from); err != nil {
		return err
	}
	if err := p.state(n, to); err != nil {
		return err
	}
	if before := p.seen[[2]string{from, event}]; before != 0 {
		return p.errorf(n, "state %s has two arrows for event %s; the other is on line %d", from, event, before)
	}
	p.seen[[2]string{from, event}] = n
	if !slices.Contains(p.m.Events, event) {
		p.m.Events = append(p.m.Events, event)
	}
	p.m.Transitions = append(p.m.Transitions, Transition{From: from, To: to, Event: event, Line: n})
	return nil
}

// state adds a state at its first occurrence.
func (p *pageReader) state(n int, name string) error {
	if !isName(name) {
		return p.errorf(n, "%.30q is not a state: want lower-case letters, digits and _", name)
	}
	if !slices.Contains(p.m.States, name) {
		p.m.States = append(p.m.States, name)
	}
	if len(p.m.States) > 255 {
		return p.errorf(n, "more than 255 states")
	}
	return nil
}

// note parses "note right of STATE : timeout 5s …" and ignores other notes.
func (p *pageReader) note(n int, text string) error {
	head, body, ok := strings.Cut(text, ":")
	words := strings.Fields(head)
	if !ok || len(words) != 4 || words[2] != "of" {
		return p.errorf(n, "cannot parse note %.60q: want `note right of state : text` on one line", text)
	}
	content := strings.Fields(body)
	if len(content) < 2 || content[0] != timeout {
		return nil
	}
	d, err := time.ParseDuration(content[1])
	if err != nil || d <= 0 {
		return p.errorf(n, "time-out %.20q of state %s: want a duration such as 5s or 1m30s", content[1], words[3])
	}
	p.m.Timeouts = append(p.m.Timeouts, Timeout{State: words[3], After: d, Seconds: d.Seconds()})
	return nil
}

// isName reports whether s can name a state or an event.
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
