package main

import (
	"fmt"
	"slices"
	"strings"
)

// group is a kind of identifier: the tables whose names end in suffix.
type group struct {
	suffix string // of a table's name; also the whole name
	prefix string // of the names of the constants
	title  string // in the docs
	ts     string // name of the map in TypeScript; "": not there
	full   bool   // whether that map has the explanations too
	union  string // name of the TypeScript union of the codes
	next   bool   // whether the docs have the next steps
}

// groups are in the order of the docs.
var groups = []group{
	{"Stages", "Stage", "Stages", "stages", true, "StageCode", false},
	{"Drops", "Drop", "Drop reasons", "drops", true, "DropCode", false},
	{"Conditions", "Condition", "Conditions of health", "conditions", true, "ConditionCode", false},
	{"Kinds", "Kind", "Kinds of alerts", "kindNames", false, "KindCode", true},
	{"LedgerChecks", "Check", "Equations of the ledger", "ledgerCheckNames", false, "LedgerCheckCode", false},
	{"LedgerTerms", "Term", "Terms of the ledger", "ledgerTermNames", false, "LedgerTermCode", false},
	{"LedgerRemainders", "Remainder", "Remainders of the ledger", "remainderNames", false, "RemainderCode", false},
	{"LedgerFindings", "Finding", "Findings of the ledger", "", false, "", false},
	{"DoctorFindings", "Doctor", "Findings of netlyra doctor", "", false, "", false},
	{"RedriveResults", "Redrive", "Results of a redrive", "", false, "", false},
	{"ProcessStates", "Process", "States of a process in the ledger", "processStateNames", false, "ProcessStateCode", false},
	{"Problems", "Problem", "HTTP problems", "", false, "", false},
	{"Events", "Event", "Log events", "", false, "", false},
}

// of returns the tables of the group, those of any component first.
func (g *group) of(p *vocabulary) []table {
	var all []table
	for _, t := range p.tables {
		if strings.HasSuffix(t.name, g.suffix) {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b table) int {
		return strings.Compare(strings.TrimPrefix(a.name, "Common"), strings.TrimPrefix(b.name, "Common"))
	})
	return all
}

func markdown(p *vocabulary) string {
	var b strings.Builder
	b.WriteString(`<!-- Generated from internal/models/vocabulary by go generate; do not edit. -->

# Vocabulary

The identifiers in the status of NetLyra: fields of the API, the WebSocket and the topics, labels of metrics, and the attribute ` + "`event`" + ` of log lines.
Programs compare identifiers; texts are for people and may change in any version. An identifier is unique within its group and is never reused for another meaning.
`)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n", g.title)
		tables := g.of(p)
		for _, t := range tables {
			if len(tables) > 1 {
				fmt.Fprintf(&b, "\n### %s\n", heading(t.name, g.suffix))
			}
			b.WriteString("\n| code | name | meaning |\n|---|---|---|\n")
			for _, e := range t.entries {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.code, cell(e.name), cell(e.help))
			}
			if g.next {
				b.WriteString("\n| code | next steps |\n|---|---|\n")
				for _, e := range t.entries {
					fmt.Fprintf(&b, "| `%s` | %s |\n", e.code, cell(p.next[e.code]))
				}
			}
		}
	}
	return b.String()
}

// heading returns the part of a table's name that is not the group, as in "Bus" of BusEvents.
func heading(name, suffix string) string { return strings.TrimSuffix(name, suffix) }

func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s) }

func typescript(p *vocabulary) string {
	var b strings.Builder
	b.WriteString(`// Generated from internal/models/vocabulary by go generate; do not edit.
// Display names of codes, and explanations where the page shows them. The module is part of
// the page's download, so it has no texts that the page does not show.

export interface Entry {
  name: string;
  help: string;
}
`)
	for _, g := range groups {
		if g.ts == "" {
			continue
		}
		var codes []string
		value := "string"
		if g.full {
			value = "Entry"
		}
		fmt.Fprintf(&b, "\nexport const %s: Record<string, %s> = {\n", g.ts, value)
		for _, t := range g.of(p) {
			for _, e := range t.entries {
				if slices.Contains(codes, quote(e.code)) {
					continue
				}
				codes = append(codes, quote(e.code))
				if g.full {
					fmt.Fprintf(&b, "  %s: { name: %s, help: %s },\n", e.code, quote(e.name), quote(e.help))
				} else {
					fmt.Fprintf(&b, "  %s: %s,\n", e.code, quote(e.name))
				}
			}
		}
		fmt.Fprintf(&b, "};\n\nexport type %s =\n  | %s;\n", g.union, strings.Join(codes, "\n  | "))
	}
	return b.String()
}

// quote returns a TypeScript string as prettier writes it: in single quotes, unless there
// are more of these in it than double ones.
func quote(s string) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	s = strings.ReplaceAll(s, "\n", `\n`)
	if strings.Count(s, "'") > strings.Count(s, `"`) {
		return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
}
