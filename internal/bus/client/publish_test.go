package client_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/deadletter"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// Records are counted when they are passed to the client and again when they are acknowledged,
// so that the ledger shows what was in flight when a process was killed.
func TestRecordsAreCountedByTopic(t *testing.T) {
	var ledger obs.Ledger
	cfg := client.DefaultConfig()
	c := bustest.Dial(t, bustest.StartBroker(t, t.TempDir()).Addr(), client.Deps{Records: map[string]*obs.Stage{
		cfg.Topics.Alerts: ledger.Stage("alerts"), cfg.Topics.Connections: ledger.Stage("connections"),
	}}, nil)
	for range 3 {
		if err := c.PublishAlert(t.Context(), &models.Alert{ID: "a"}); err != nil {
			t.Fatal(err)
		}
		c.PublishConnection(&models.Connection{ID: "c"})
	}
	deadletter.NewPublisher(c).PublishDeadLetter(models.Record{Topic: "x"}, "not counted")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []models.StageCounts{{Stage: "alerts", In: 3, Out: 3}, {Stage: "connections", In: 3, Out: 3}}
	if diff := cmp.Diff(want, ledger.Counts()); diff != "" {
		t.Error(diff)
	}
}

func TestEvents(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	a := models.Alert{ID: "a1", Score: 0.9, Features: map[string]float64{"entropy": 1}}
	if err := c.PublishAlert(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	conn := models.Connection{ID: "C1", State: "SF"}
	c.PublishConnection(&conn)
	conn.State = "changed" // after the call it may be modified
	c.PublishStats(&models.InstanceStats{Instance: "i"})
	c.PublishScores(&models.ScoreBatch{Lane: 2, Partition: 2})
	bad := models.Record{Topic: "x", Partition: 3, Offset: 4, Key: []byte("k"), Value: []byte("v"), ContentType: models.ContentTypePacked}
	deadletter.NewPublisher(c).PublishDeadLetter(bad, "malformed")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	all := c.Config().Topics.All()
	if err := consumer.Tail(t.Context(), c, consumer.TailConfig{Topics: all, From: consumer.From{Time: time.Now().Add(-time.Hour)}, ToEnd: true}, func(r *models.Record) error {
		got[r.Topic] = string(r.Key) + " " + string(r.Value) + " " + r.ContentType
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	alert, _ := json.Marshal(a)
	topics := c.Config().Topics
	for topic, want := range map[string]string{
		topics.Alerts: "a1 " + string(alert), topics.Connections: `"state":"SF"`, topics.Stats: `i {"instance":"i"`,
		topics.Scores: `2 {"lane":2,"partition":2`, topics.DeadLetters: "k v " + models.ContentTypePacked,
	} {
		if !strings.Contains(got[topic], want) {
			t.Errorf("%s: got %q, want %q", topic, got[topic], want)
		}
	}
}
