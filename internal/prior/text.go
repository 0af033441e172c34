package prior

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
)

// table returns rows with aligned columns, which are separated by tabs.
func table(head string, rows []string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range append([]string{head}, rows...) {
		fmt.Fprintln(w, row) // a strings.Builder does not fail
	}
	_ = w.Flush()
	return b.String()
}

// String returns the table of all behaviors and where they were written.
func (r *Result) String() string {
	var rows []string
	for _, x := range r.Rows {
		rows = append(rows, fmt.Sprintf("%s\t%d\t%s\t%s\t%s", x.Behavior, x.Minutes, text(x.Measured), text(x.Builtin), text(x.Result)))
	}
	packets, seconds := uint64(0), 0.0
	for _, s := range r.File.Sources {
		packets, seconds = packets+s.Packets, seconds+s.Seconds
	}
	return table("BEHAVIOR\tMINUTES\tMEASURED 1 / 2 / 3 / 4\tBUILT-IN\tRESULT", rows) +
		fmt.Sprintf("\n%s: %d captures, %d packets, %.0f s of traffic. MINUTES are those of all subjects; fewer than %d are not measured.\n",
			r.Output, len(r.File.Sources), packets, seconds, enough)
}

// Show returns the table of a file: its values and, for those that it does not have, the
// built-in ones.
func Show(f *reference.File) string {
	r, rows := f.Reference(), []string{}
	for of := range features.Behaviors {
		name := features.RowOf(of).Name
		from := "file"
		if _, ok := f.Values[name]; !ok {
			from = "built-in"
		}
		rows = append(rows, fmt.Sprintf("%s\t%d\t%s\t%s", name, f.SubjectMinutes[name], text(r.Values[of][:]), from))
	}
	out := table("BEHAVIOR\tMINUTES\tVALUES 1 / 2 / 3 / 4\tFROM", rows)
	if f.Created != 0 {
		out += fmt.Sprintf("\nTraffic up to %s.\n", f.Created)
	}
	for _, s := range f.Sources {
		out += fmt.Sprintf("%s: %d packets, %.0f s\n", s.File, s.Packets, s.Seconds)
	}
	return out
}

// Change is a behavior whose values differ between two references.
type Change struct {
	Behavior string    `json:"behavior"`
	Before   []float64 `json:"before"` // at level 1 to 4
	After    []float64 `json:"after"`
	Effect   string    `json:"effect"` // quieter, stricter or mixed
}

// Changes are the behaviors that differ.
type Changes []Change

// Diff returns the behaviors whose values differ, in the order of their definition.
func Diff(before, after *reference.Reference) Changes {
	out := Changes{}
	for of := range features.Behaviors {
		a, b := before.Values[of], after.Values[of]
		if a != b {
			out = append(out, Change{features.RowOf(of).Name, a[:], b[:], effect(a, b)})
		}
	}
	return out
}

// effect says in which direction values have changed.
func effect(before, after [reference.Levels]float64) string {
	up, down := false, false
	for i := range before {
		up, down = up || after[i] > before[i], down || after[i] < before[i]
	}
	switch {
	case up && down:
		return "mixed"
	case up:
		return "quieter"
	}
	return "stricter"
}

// String returns a table.
func (c Changes) String() string {
	equal := int(features.Behaviors) - len(c)
	if len(c) == 0 {
		return fmt.Sprintf("No behavior differs; %d are equal.\n", equal)
	}
	var rows []string
	for _, x := range c {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s", x.Behavior, text(x.Before), text(x.After), x.Effect))
	}
	return table("BEHAVIOR\tBEFORE 1 / 2 / 3 / 4\tAFTER\tEFFECT", rows) + fmt.Sprintf("\n%d behaviors differ, %d are equal.\n", len(c), equal)
}
