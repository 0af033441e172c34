package live

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// An alert that a recorder reads twice is sent to a client once; newer versions are sent.
func TestRepeatedAlertsAreSentOnce(t *testing.T) {
	r := run(t, nil)
	c := r.dial()
	send(t, c, `{"subscribe":["alert"]}`)
	l := NewLatest(r.Hub)
	records := []*models.Alert{
		{ID: "a", Count: 1, LastTS: 10}, {ID: "b", Count: 1, LastTS: 11}, {ID: "a", Count: 2, LastTS: 12}, {ID: "a", Count: 2, LastTS: 13},
	}
	for _, round := range [][]*models.Alert{records, records[1:], records, {{ID: "c", Count: 1}}} {
		for _, a := range round {
			l.Alert(a)
		}
	}
	for _, want := range []string{"a 1", "b 1", "a 2", "a 2", "c 1"} {
		g := next(t, c)
		if got := fields(t, g); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func fields(t *testing.T, g got) string {
	t.Helper()
	var a models.Alert
	if err := json.Unmarshal(g.Data, &a); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(a.ID, " ", a.Count)
}

// Memory is bounded: only the most recently started alerts are remembered.
func TestLatestForgetsOldest(t *testing.T) {
	l := NewLatest(New(DefaultConfig(), Deps{}))
	for i := range 3 * remembered {
		if !l.replaces(&models.Alert{ID: fmt.Sprint(i), Count: 1}) {
			t.Fatalf("alert %d was not sent", i)
		}
	}
	if len(l.state) != remembered || len(l.order) != remembered {
		t.Errorf("%d alerts remembered, %d in the order", len(l.state), len(l.order))
	}
	for _, i := range []int{3*remembered - 1, 2 * remembered} {
		if l.replaces(&models.Alert{ID: fmt.Sprint(i), Count: 1}) {
			t.Errorf("alert %d was sent again", i)
		}
	}
}

// With many clients the stats are spread over the ticks: each client receives one message
// per round, and a tick writes at most statsRate messages.
func TestStatsAreSpreadOverTicks(t *testing.T) {
	for _, n := range []int{1, statsRate, 3*statsRate + 1} {
		h := New(DefaultConfig(), Deps{})
		for i := range n {
			c := &client{hub: h, queue: newQueues(h.cfg), kicked: make(chan struct{}), number: uint64(i)}
			c.sub.Store(defaultSubscription())
			h.clients[c] = struct{}{}
		}
		turns := (n + statsRate - 1) / statsRate
		before := uint64(0)
		for tick := range turns {
			h.statsTick(&models.Stats{}, uint64(tick))
			got := waitingInAll(h)
			if sent := got - before; sent > statsRate || sent == 0 {
				t.Errorf("%d clients: %d messages at tick %d", n, sent, tick)
			}
			before = got
		}
		for c := range h.clients {
			if c.queue.waiting() != 1 {
				t.Errorf("%d clients: %d stats messages for one client after a round", n, c.queue.waiting())
			}
		}
	}
}

func waitingInAll(h *Hub) (n uint64) {
	for c := range h.clients {
		n += c.queue.waiting()
	}
	return n
}
