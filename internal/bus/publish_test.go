package bus

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// What is handed over is counted at once, what the brokers have when they say so: the
// ledger must know what a process that is killed had on its way.
func TestRecordsAreCountedByTopic(t *testing.T) {
	var ledger obs.Ledger
	cfg := DefaultConfig()
	c := dial(t, broker(t, t.TempDir()).Addr(), Deps{Records: map[string]*obs.Stage{
		cfg.Topics.Alerts: ledger.Stage("alerts"), cfg.Topics.Connections: ledger.Stage("connections"),
	}}, nil)
	for range 3 {
		if err := c.PublishAlert(t.Context(), &models.Alert{ID: "a"}); err != nil {
			t.Fatal(err)
		}
		c.PublishConnection(&models.Connection{ID: "c"})
	}
	c.PublishDeadLetter(models.Record{Topic: "x"}, "of no stage")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []models.StageCounts{{Stage: "alerts", In: 3, Out: 3}, {Stage: "connections", In: 3, Out: 3}}
	if diff := cmp.Diff(want, ledger.Counts()); diff != "" {
		t.Error(diff)
	}
}
