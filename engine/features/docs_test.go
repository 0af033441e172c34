package features

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/features.md anew")

const page = "../../docs/features.md"

// document is docs/features.md.
func document() string {
	var b strings.Builder
	b.WriteString(`# Features

What the detector sees of traffic. This page is generated from the table in package
engine/features (` + "`go test ./engine/features -update`" + `); edit that, not this.

Every value is mapped to 0…1 by a fixed scaling before half-space trees see it: log
means linear up to the first number and logarithmic to the second, where it ends.
The usual range is what is believed before any traffic was learned. Source is the
originator of a connection, destination its responder. Amounts fade with the
half-life named, distinct counts reach back over the span named.
`)
	for g := range Groups {
		fmt.Fprintf(&b, "\n## %s (%s scale)\n\n| feature | unit | meaning | horizon | scaling | usual |\n|---|---|---|---|---|---|\n", g, g.Scale())
		for _, f := range Of(g) {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s to %s |\n", f.Name, f.Unit, f.Meaning, f.Horizon, f.Scaling,
				short(f.Typical[0]), short(f.Typical[1]))
		}
	}
	return b.String()
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
		t.Errorf("docs/features.md is not what the table says (%v): go test ./engine/features -update", err)
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i, f := range Table {
		if seen[f.Name] {
			t.Errorf("two features are called %s", f.Name)
		}
		seen[f.Name] = true
		if i > 0 && f.Group < Table[i-1].Group {
			t.Errorf("%s stands after group %s", f.Name, Table[i-1].Group)
		}
		if f.Unit == "" || f.Meaning == "" || f.Horizon == "" || !(f.Typical[0] < f.Typical[1]) || f.Typical[1] > f.Scaling.Max {
			t.Errorf("%+v is incomplete", f)
		}
	}
	for g := range Groups {
		if n := len(Of(g)); n < 2 || n > MaxFeatures {
			t.Errorf("group %s has %d features", g, n)
		}
	}
}
