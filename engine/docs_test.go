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
