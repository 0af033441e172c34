package engine

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
)

const detectionPage = "../docs/detection.md"

// roleText names what an alert of a behavior is about.
var roleText = map[role]string{bySource: "source", onTarget: "destination, or its source", onVictim: "receiver"}

// TestDetectionPage requires that docs/detection.md lists every behavior with its kind and its
// reference. -update rewrites the table.
func TestDetectionPage(t *testing.T) {
	var b strings.Builder
	r := reference.Builtin()
	for of := range features.Behaviors {
		var values []string
		for _, v := range r.Values[of] {
			values = append(values, strconv.FormatFloat(v, 'f', -1, 64))
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", featureName(of), rules[of].kind, roleText[rules[of].role], strings.Join(values, " / "))
	}
	page, err := os.ReadFile(detectionPage)
	if err != nil {
		t.Fatal(err)
	}
	const head = "|---|---|---|---|\n"
	before, rest, ok := strings.Cut(string(page), "at level 1 / 2 / 3 / 4 |\n"+head)
	if !ok {
		t.Fatalf("%s has no table of behaviors", detectionPage)
	}
	end := strings.Index(rest, "\n**Evidence of the forests**")
	want := before + "at level 1 / 2 / 3 / 4 |\n" + head + b.String() + rest[end:]
	if *update {
		if err := os.WriteFile(detectionPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(page) {
		t.Errorf("the table of behaviors in %s differs; run with -update", detectionPage)
	}
}

// TestSourcesTable requires that the table of measured values in docs/detection.md has the
// built-in values beside them, which are not below at any level. -update rewrites the column.
func TestSourcesTable(t *testing.T) {
	page, err := os.ReadFile(detectionPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), "| measured at level 1 / 2 / 3 | built-in |\n|---|---|---|---|\n")
	table, after, end := strings.Cut(rest, "\n\n")
	lines := strings.Split(table, "\n")
	if !ok || !end || len(lines) != int(features.Behaviors) {
		t.Fatalf("%s has %d lines in its table of measured values, want %d", detectionPage, len(lines), features.Behaviors)
	}
	for i, line := range lines {
		of := features.Behavior(i)
		builtin := reference.Builtin().Values[of]
		columns := strings.Split(line, " | ")
		if len(columns) != 4 || columns[0] != "| `"+featureName(of)+"`" {
			t.Fatalf("%s: %q, want the row of %s", detectionPage, line, featureName(of))
		}
		for level, text := range strings.Split(columns[2], " / ") {
			if v, err := strconv.ParseFloat(strings.Trim(text, "()"), 64); err == nil && v > builtin[level] {
				t.Errorf("%s: %v was measured at level %d, the built-in value is %v", featureName(of), v, level+1, builtin[level])
			}
		}
		var values []string
		for _, v := range builtin[:3] {
			values = append(values, strconv.FormatFloat(v, 'f', -1, 64))
		}
		columns[3] = strings.Join(values, " / ") + " |"
		lines[i] = strings.Join(columns, " | ")
	}
	want := before + "| measured at level 1 / 2 / 3 | built-in |\n|---|---|---|---|\n" + strings.Join(lines, "\n") + "\n\n" + after
	if *update {
		err = os.WriteFile(detectionPage, []byte(want), 0o644)
	} else if want != string(page) {
		t.Errorf("the built-in values in the table of measured values in %s differ; run with -update", detectionPage)
	}
	if err != nil {
		t.Fatal(err)
	}
}
