package obs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
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

// The table is read by people: names are told apart, and every equation says what it is.
func TestLedgerTable(t *testing.T) {
	seen := map[string]string{}
	for _, c := range links {
		seen[c.name] = c.says
		if !strings.Contains(c.says, "=") {
			t.Errorf("%s: %q is no equation", c.name, c.says)
		}
	}
	if len(seen) != len(links) {
		t.Error("two equations have one name")
	}
	for _, name := range []string{checkLog, checkAlerts, checkConnections} {
		if seen[name] == "" {
			t.Errorf("no equation %s", name)
		}
	}
	if diff := cmp.Diff(counts(&models.LedgerCheck{Out: []models.LedgerTerm{{N: 1}}}), true); diff != "" {
		t.Error(diff)
	}
}

func TestLedgerMetrics(t *testing.T) {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(NewBookCollector(func() models.Ledger {
		return models.Ledger{AtRest: true, Checks: []models.LedgerCheck{{Name: "log", InFlight: 3, Difference: -2}}}
	}))
	want := `# HELP netlyra_ledger_adds_up 1 where every equation of the ledger holds.
# TYPE netlyra_ledger_adds_up gauge
netlyra_ledger_adds_up 0
# HELP netlyra_ledger_at_rest 1 where nothing moves and nothing waits.
# TYPE netlyra_ledger_at_rest gauge
netlyra_ledger_at_rest 1
# HELP netlyra_ledger_difference What nothing explains; other than 0, something is lost or counted twice.
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
