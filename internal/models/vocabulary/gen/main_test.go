package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func loaded(t *testing.T) *vocabulary {
	t.Helper()
	p, err := load("..")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	for name, want := range outputs(loaded(t)) {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || string(got) != want {
			t.Errorf("%s is out of date; run go generate ./internal/models/vocabulary (%v)", name, err)
		}
	}
}

var code = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Every table belongs to a group; every code is in snake_case, described, and unique in its
// table. In other tables of the group the same code is the same word for another stage.
func TestEntries(t *testing.T) {
	p := loaded(t)
	grouped := map[string]bool{}
	for _, g := range groups {
		tables := g.of(p)
		if len(tables) == 0 {
			t.Errorf("no table for group %s", g.suffix)
		}
		codes := map[string]string{}
		for _, table := range tables {
			grouped[table.name] = true
			for _, e := range table.entries {
				if !code.MatchString(e.code) {
					t.Errorf("%s: %q is not snake_case", table.name, e.code)
				}
				if e.name == "" || !strings.HasSuffix(e.help, ".") {
					t.Errorf("%s: %s needs a name and an explanation that ends in a full stop", table.name, e.code)
				}
				if e.constant == "" || !strings.HasPrefix(e.constant, g.prefix) {
					t.Errorf("%s: %s is not a constant %s…", table.name, e.code, g.prefix)
				}
				if old := codes[e.code]; old == table.name || old != "" && g.suffix != "Drops" {
					t.Errorf("%s: %s is also in %s", table.name, e.code, old)
				}
				codes[e.code] = table.name
			}
		}
	}
	for _, table := range p.tables {
		if !grouped[table.name] {
			t.Errorf("table %s belongs to no group; see groups in render.go", table.name)
		}
	}
}

// Every constant of a group has an entry.
func TestConstantsHaveEntries(t *testing.T) {
	p := loaded(t)
	described := map[string]bool{}
	for _, table := range p.tables {
		for _, e := range table.entries {
			described[e.constant] = true
		}
	}
	for name := range p.constants {
		if name == "EventKey" || described[name] {
			continue
		}
		for _, g := range groups {
			if strings.HasPrefix(name, g.prefix) {
				t.Errorf("%s has no entry", name)
			}
		}
	}
}

// Every kind of alert has next steps of two sentences.
func TestKindsHaveNextSteps(t *testing.T) {
	p := loaded(t)
	kinds := 0
	for _, table := range p.tables {
		if table.name != "Kinds" {
			continue
		}
		for _, e := range table.entries {
			kinds++
			text := p.next[e.code]
			if n := strings.Count(text, ". "); n != 1 || !strings.HasSuffix(text, ".") || len(text) > 320 {
				t.Errorf("%s: %d characters, %d breaks between sentences; want two short sentences: %q", e.code, len(text), n, text)
			}
		}
	}
	if kinds == 0 || kinds != len(p.next) {
		t.Errorf("next steps for %d kinds of %d", len(p.next), kinds)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "'plain'", "engine's": `"engine's"`, `the "kafka"`: `'the "kafka"'`, `a\b`: `'a\\b'`,
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) is %s, want %s", in, got, want)
		}
	}
}
