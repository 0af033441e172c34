package features

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/features.md and the expectations in testdata")

const page = "../../docs/features.md"

// document generates docs/features.md.
func document() string {
	var b strings.Builder
	b.WriteString(`# Features

The inputs of the models, and the statistics of [behaviors](#behavior), from which alerts start. This page is generated from the table in package
engine/features (` + "`go test ./engine/features -update`" + `); edit the table, not this page.
` + "`GET /api/v1/features`" + ` serves the same table.

*Source* is the originator of a connection, *destination* its responder, *service* the
protocol and the port of the responder. A connection attempt is the first packet of a
connection, whether it is answered or not.

A window with a half-life is a decaying sum: what happened one half-life ago counts half.
Distinct values are counted in bitmaps of two periods and therefore cover one to two
periods. *Scaling* is the fixed mapping of a value to 0…1 for the half-space trees: log is
linear up to the first number and logarithmic up to the second, where values are clamped.
*Prior* is the typical range that the model assumes before it has seen traffic.

Units: *share* is 0…1. *Regularity* is log2 of mean / mean deviation of the last twenty
values or so (1 is random, 5 is clockwork). *Novelty* is −log2 of the probability of a
first contact. *Standard deviations* count from the mean of the service, the baseline that
the engine learns from all its clients.
`)
	for g := range Groups {
		fmt.Fprintf(&b, "\n## %s (%s scale)\n\n| feature | name | unit | definition | window | scaling | prior |\n|---|---|---|---|---|---|---|\n", g, g.Scale())
		for _, f := range Of(g) {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s to %s |\n", f.Name, f.DisplayName, f.Unit, definition(&f), f.Window.Detail, f.Scaling,
				short(f.Prior[0]), short(f.Prior[1]))
		}
	}
	fmt.Fprintf(&b, `
## behavior

Statistics of behaviors, from which alerts start. No forest reads them. [Detection](detection.md#behaviors)
lists the kind of alert that each gives and its reference distribution.

| statistic | name | unit | definition | window |
|---|---|---|---|---|
`)
	for i := range behaviorRows {
		f := &behaviorRows[i]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.Name, f.DisplayName, f.Unit, f.Help, f.Window.Detail)
	}
	return b.String()
}

// definition is the help of a feature with its classes.
func definition(f *Feature) string {
	if len(f.Classes) == 0 {
		return f.Help
	}
	var values []string
	for _, c := range f.Classes {
		values = append(values, short(c.Value)+" "+c.Name)
	}
	return f.Help + ": " + strings.Join(values, ", ")
}

func TestDocumentIsCurrent(t *testing.T) {
	want := document()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("docs/features.md does not match the table (%v); run go test ./engine/features -update", err)
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i, f := range All() {
		if seen[f.Name] {
			t.Errorf("duplicate feature name %s", f.Name)
		}
		seen[f.Name] = true
		if i > 0 && f.Group < All()[i-1].Group {
			t.Errorf("%s of group %s follows group %s", f.Name, f.Group, All()[i-1].Group)
		}
		if f.DisplayName == "" || f.Help == "" || f.Window.Name == "" || f.Window.Detail == "" || !(f.Prior[0] < f.Prior[1]) || f.Prior[1] > f.Scaling.Max {
			t.Errorf("%s is incomplete: %+v", f.Name, f)
		}
		if Lookup(f.Name).Name != f.Name {
			t.Errorf("Lookup(%q) found %q", f.Name, Lookup(f.Name).Name)
		}
		checkPhrase(t, &f)
	}
	if f := Lookup("none"); f != nil {
		t.Errorf("Lookup of an unknown name found %q", f.Name)
	}
	for g := range Groups {
		if n := len(Of(g)); n < 2 || n > MaxFeatures {
			t.Errorf("group %s has %d features, want 2 to %d", g, n, MaxFeatures)
		}
	}
}

// checkPhrase verifies that a feature has words for its values, and that they name the
// window where it is a span of time.
func checkPhrase(t *testing.T, f *Feature) {
	if (f.Unit == UnitClass) != (len(f.Classes) > 0) || (f.Unit == UnitClass) != (f.Phrase == "") {
		t.Errorf("%s: unit %s, %d classes, phrase %q", f.Name, f.Unit, len(f.Classes), f.Phrase)
	}
	if f.Unit != UnitClass && strings.Count(f.Phrase, Placeholder) != 1 {
		t.Errorf("%s: phrase %q has no %s", f.Name, f.Phrase, Placeholder)
	}
	if strings.Contains(f.Zero, Placeholder) {
		t.Errorf("%s: phrase for zero %q has a placeholder", f.Name, f.Zero)
	}
	spans := strings.Contains(f.Window.Detail, "half-life") && f.Group != Novelty || strings.Contains(f.Window.Detail, " min")
	if spans && f.Group != Novelty && !strings.Contains(f.Phrase, f.Window.Name) {
		t.Errorf("%s: phrase %q does not name its window, %s", f.Name, f.Phrase, f.Window.Name)
	}
}
