package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func TestLedgerBounds(t *testing.T) {
	b := NewBook("alerts", "connections")
	for i := range 2 * maxLanes {
		b.Observe(&models.InstanceStats{
			Instance: fmt.Sprint(i), TS: 1, Stages: []models.StageCounts{{Stage: fmt.Sprint("stage", i), In: 1, Out: 1}},
			Partitions: []models.PartitionStatus{{Partition: int32(i)}}, Recorded: []models.Progress{{Topic: "alerts", Partition: int32(i)}, {Topic: "other"}},
		})
	}
	if len(b.processes) > maxProcesses || len(b.lanes) > maxLanes || len(b.logs) > maxLanes || len(b.Ledger().Checks) > maxStages+len(links) {
		t.Error(len(b.processes), len(b.lanes), len(b.logs), len(b.Ledger().Checks))
	}
}

// Every equation, term and remainder has an Entry in the vocabulary, and each name is unique.
func TestEquationsAreInTheVocabulary(t *testing.T) {
	checks, terms := codes(vocabulary.LedgerChecks), codes(vocabulary.LedgerTerms)
	seen := map[string]bool{}
	for _, c := range links {
		if seen[c.name] || !checks[c.name] || !strings.Contains(c.text, "=") {
			t.Errorf("%s: %q", c.name, c.text)
		}
		seen[c.name] = true
	}
	for _, c := range append(links, ofStage(vocabulary.StageDecode)) {
		for _, term := range slices.Concat(c.in, c.out, c.rest) {
			if !terms[term.name] {
				t.Errorf("%s: term %s has no entry", c.name, term.name)
			}
		}
		if c.surplus != "" && !codes(vocabulary.LedgerRemainders)[c.surplus] {
			t.Errorf("%s: remainder %s has no entry", c.name, c.surplus)
		}
	}
	for _, name := range topicChecks {
		if !seen[name] {
			t.Errorf("no equation %s", name)
		}
	}
	if !hasFigure(&models.LedgerCheck{Out: []models.LedgerTerm{{N: 1}}}) {
		t.Error("an equation with a figure on its right side counts as empty")
	}
}

func codes(entries []vocabulary.Entry) map[string]bool {
	set := map[string]bool{}
	for _, e := range entries {
		set[e.Code] = true
	}
	return set
}

func TestLedgerMetrics(t *testing.T) {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(NewCollector(func() models.Ledger {
		return models.Ledger{AtRest: true, Checks: []models.LedgerCheck{{Name: "log", InFlight: 3, Difference: -2}}}
	}))
	want := `# HELP netlyra_ledger_adds_up 1 if every equation of the ledger holds.
# TYPE netlyra_ledger_adds_up gauge
netlyra_ledger_adds_up 0
# HELP netlyra_ledger_at_rest 1 if nothing moves and nothing waits.
# TYPE netlyra_ledger_at_rest gauge
netlyra_ledger_at_rest 1
# HELP netlyra_ledger_difference Unexplained difference of an equation; if not 0, something is lost or counted twice.
# TYPE netlyra_ledger_difference gauge
netlyra_ledger_difference{check="log"} -2
# HELP netlyra_ledger_in_flight What went into an equation of the ledger and has not come out yet.
# TYPE netlyra_ledger_in_flight gauge
netlyra_ledger_in_flight{check="log"} 3
`
	if diff := cmp.Diff(want, expose(t, r)); diff != "" {
		t.Error(diff)
	}
}

// expose returns what a scrape of r would read.
func expose(t *testing.T, r prometheus.Gatherer) string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
