package deadletter

import (
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
)

// TestLargestDeadLetter: a record of any size becomes a dead letter, truncated if necessary,
// which is not redriven.
func TestLargestDeadLetter(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	forgetRedrive(t, c)
	large := make([]byte, 4<<20)
	NewPublisher(c).PublishDeadLetter(models.Record{Topic: c.Config().Topics.Packets, Key: large, Value: large, ContentType: string(large)}, string(large))
	if err := c.FlushAlerts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := redriveOf(t, c, Config{}); got[ResultTruncated] != 1 || len(got) != 1 {
		t.Errorf("%v", got)
	}
}
