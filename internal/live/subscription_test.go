package live

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func changed(t *testing.T, s *subscription, text string) *subscription {
	t.Helper()
	next, err := s.change([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return next
}

// A message replaces the parts that it contains and keeps the others.
func TestPartsOfASubscription(t *testing.T) {
	s := defaultSubscription()
	for _, step := range []struct{ send, events, filter string }{
		{`{"filter":{"proto":"udp"}}`, "alert stats", `{"proto":"udp"}`},
		{`{"subscribe":["connection"]}`, "connection", `{"proto":"udp"}`},
		{`{"subscribe":["scores","alert","scores"],"filter":{"port":0}}`, "alert scores", `{"port":0}`}, // repeated events count once
		{`{"subscribe":[]}`, "", `{"port":0}`},
		{`{"filter":{"min_score":0,"severity":[],"kind":["x"]}}`, "", `{"min_score":0,"kind":["x"]}`},
		{`{"subscribe":null,"filter":{}}`, "", `{}`},
		{`{"subscribe":["alert","stats","connection","scores"],"filter":null}`, "alert stats scores connection", `{}`},
	} {
		s = changed(t, s, step.send)
		r := s.response()
		b, err := json.Marshal(r.Filter)
		if got := strings.Trim(fmt.Sprint(r.Subscribe), "[]"); err != nil || got != step.events || string(b) != step.filter {
			t.Errorf("after %s: %s, %s, want %s, %s (%v)", step.send, got, b, step.events, step.filter, err)
		}
	}
}

// A subscription is immutable: publishing reads it while the client changes it.
func TestChangesDoNotAlterTheSubscriptionInForce(t *testing.T) {
	before := changed(t, defaultSubscription(), `{"subscribe":["alert"],"filter":{"ip":"10.0.0.0/8","min_score":0.5}}`)
	want, _ := json.Marshal(before.response())
	for _, text := range []string{
		`{"subscribe":["stats"]}`, `{"filter":{"ip":"11.0.0.0/8","min_score":0.9}}`, `{"subscribe":["connection","x"]}`, `{"subscribe":["connection"],"filter":{"ip":"x"}}`,
		`{"filter":{"severity":["high","x"]}}`, `{"subscribe":["stats"]} x`, `null`, `[]`, `"alert"`, ``, `{"filter":[]}`, `{"filter":{"min_score":-0.1}}`, `{"filter":{"port":-1}}`, `{"subscribe":"alert"}`,
	} {
		_, err := before.change([]byte(text))
		if valid := text[0:min(len(text), 22)] == `{"subscribe":["stats"]` && !strings.HasSuffix(text, "x") || strings.Contains(text, "11.0"); valid != (err == nil) {
			t.Errorf("%s: error %v", text, err)
		}
		if got, _ := json.Marshal(before.response()); string(got) != string(want) || !before.filter.alert(&models.Alert{SrcIP: "10.1.1.1", Score: 0.7}) {
			t.Fatalf("%s changed the subscription in force: %s, want %s", text, got, want)
		}
	}
}

// The fields of a filter are combined with "and", the values of a field with "or". Fields
// about alerts do not filter connections, and vice versa.
func TestFilterFields(t *testing.T) {
	alert := models.Alert{SrcIP: "10.0.0.1", DstIP: "2001:db8::2", SrcPort: 1024, DstPort: 443, Proto: "TCP", Score: 0.8, Severity: "high", Kind: "flood"}
	conn := models.Connection{SrcIP: "10.0.0.1", DstIP: "2001:db8::2", SrcPort: 1024, DstPort: 443, Proto: "TCP", Phase: "active"}
	for text, want := range map[string]struct{ alert, conn bool }{
		`{}`:                                   {true, true},
		`{"ip":"10.0.0.1"}`:                    {true, true},
		`{"ip":"10.0.0.0/31"}`:                 {true, true},
		`{"ip":"10.0.0.9/8"}`:                  {true, true}, // host bits are ignored
		`{"ip":"10.0.0.2"}`:                    {false, false},
		`{"ip":"2001:db8::/32"}`:               {true, true},
		`{"ip":"2001:db8::3"}`:                 {false, false},
		`{"ip":"::ffff:10.0.0.1"}`:             {true, true}, // the same address in IPv6 notation
		`{"ip":"::ffff:10.0.0.0/104"}`:         {true, true},
		`{"ip":"::ffff:11.0.0.0/104"}`:         {false, false},
		`{"ip":"0.0.0.0/0"}`:                   {true, true},
		`{"port":443}`:                         {true, true},
		`{"port":1024}`:                        {true, true},
		`{"port":0}`:                           {false, false},
		`{"proto":"tcp"}`:                      {true, true},
		`{"proto":"IP-6"}`:                     {false, false}, // a protocol with a name is written by its name
		`{"proto":"udp"}`:                      {false, false},
		`{"min_score":0.8}`:                    {true, true},
		`{"min_score":0.81}`:                   {false, true},
		`{"min_score":1}`:                      {false, true},
		`{"severity":["low","high"]}`:          {true, true},
		`{"severity":["low"]}`:                 {false, true},
		`{"kind":["flood","scan"]}`:            {true, true},
		`{"kind":["Flood"]}`:                   {false, true},
		`{"phase":["active"]}`:                 {true, true},
		`{"phase":["closed","expired"]}`:       {true, false},
		`{"ip":"10.0.0.1","port":444}`:         {false, false},
		`{"port":443,"severity":["critical"]}`: {false, true},
	} {
		s := changed(t, defaultSubscription(), `{"filter":`+text+`}`)
		if a, c := s.filter.alert(&alert), s.filter.connection(&conn); a != want.alert || c != want.conn {
			t.Errorf("%s: alert %v, connection %v, want %v, %v", text, a, c, want.alert, want.conn)
		}
	}
	// An address that is not one, in a record of another producer, matches no filter by ip.
	s := changed(t, defaultSubscription(), `{"filter":{"ip":"::/0"}}`)
	if s.filter.alert(&models.Alert{SrcIP: "", DstIP: "host"}) || s.filter.alert(&models.Alert{SrcIP: "10.0.0.1"}) || !s.filter.alert(&models.Alert{DstIP: "::1"}) {
		t.Error("::/0 must match IPv6 addresses only")
	}
}

// A filter by prefix selects the addresses in it, in both notations of IPv4.
func TestPrefixOfAFilter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a4 := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")))
		base := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "prefix")))
		if rapid.Bool().Draw(t, "near") {
			base = a4
		}
		bits := rapid.IntRange(0, 32).Draw(t, "bits")
		want := netip.PrefixFrom(base, bits).Contains(a4)
		for _, text := range []string{fmt.Sprintf("%v/%d", base, bits), fmt.Sprintf("::ffff:%v/%d", base, 96+bits)} {
			s, err := defaultSubscription().change(fmt.Appendf(nil, `{"filter":{"ip":%q}}`, text))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.filter.alert(&models.Alert{DstIP: a4.String()}); got != want {
				t.Fatalf("%s selects %v: %v, want %v", text, a4, got, want)
			}
		}
	})
}

// Every message is taken, queued or counted as lost; alerts are never lost, and the
// messages of a kind keep their order. A model of slices checks each step.
func TestQueuesAccountForEveryMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := func(name string) int { return rapid.IntRange(1, 9).Draw(t, name) }
		cfg := Config{AlertQueue: limit("alerts"), StatsQueue: limit("stats"), ScoresQueue: limit("scores"), ConnectionQueue: limit("connections")}
		limits := [kinds]int{kindAlert: cfg.AlertQueue, kindStats: cfg.StatsQueue, kindScores: cfg.ScoresQueue, kindConnection: cfg.ConnectionQueue}
		q := newQueues(cfg)
		var model [kinds][]*websocket.PreparedMessage
		var replies []*websocket.PreparedMessage
		var lost [kinds]uint64
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k := kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind"))
				m := new(websocket.PreparedMessage)
				atLimit := len(model[k]) == limits[k]
				gotLost, gotFull := q.put(k, m)
				if gotFull != (atLimit && k == kindAlert) || gotLost != (atLimit && k != kindAlert) {
					t.Fatalf("put of %s: lost %v, full %v with %d queued of %d", events[k], gotLost, gotFull, len(model[k]), limits[k])
				}
				if gotFull {
					return
				}
				if gotLost {
					model[k], lost[k] = model[k][1:], lost[k]+1
				}
				model[k] = append(model[k], m)
			},
			"reply": func(t *rapid.T) {
				m := new(websocket.PreparedMessage)
				if ok := q.reply(m); ok != (len(replies) < maxDirect) {
					t.Fatalf("reply returned %v with %d queued", ok, len(replies))
				} else if ok {
					replies = append(replies, m)
				}
			},
			"take": func(t *rapid.T) {
				m, k, ok := q.take()
				if len(replies) > 0 {
					if m != replies[0] || k != kinds || !ok {
						t.Fatal("responses are not taken first and in order")
					}
					replies = replies[1:]
					return
				}
				first := slices.IndexFunc(model[:], func(ms []*websocket.PreparedMessage) bool { return len(ms) > 0 })
				if ok != (first >= 0) {
					t.Fatalf("take returned %v, kind %d is queued", ok, first)
				}
				if ok {
					if int(k) != first || m != model[k][0] {
						t.Fatalf("took kind %d, want the first message of kind %d", k, first)
					}
					model[k] = model[k][1:]
				}
			},
			"take lost": func(t *rapid.T) {
				var want map[Event]uint64
				for k, n := range lost {
					if n > 0 {
						if want == nil {
							want = map[Event]uint64{}
						}
						want[events[k]] = n
					}
				}
				lost = [kinds]uint64{}
				if d := cmp.Diff(want, q.takeLost()); d != "" {
					t.Fatalf("lost (-want +got)\n%s", d)
				}
			},
			"drop": func(t *rapid.T) {
				keep := kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "keep"))
				want := uint64(0)
				for k := range model {
					if kind(k) != keep {
						want, model[k] = want+uint64(len(model[k])), nil
					}
				}
				if n := q.dropAllBut(keep); n != want {
					t.Fatalf("dropped %d, want %d", n, want)
				}
			},
			"": func(t *rapid.T) {
				want := uint64(0)
				for _, ms := range model {
					want += uint64(len(ms))
				}
				if n := q.waiting(); n != want {
					t.Fatalf("%d queued, want %d", n, want)
				}
			},
		})
	})
}

// With concurrent publishers and a client that takes, no message is taken twice or missing
// from the counts.
func TestQueuesOfConcurrentPublishers(t *testing.T) {
	const publishers, each = 4, 2000
	q := newQueues(Config{AlertQueue: 50, StatsQueue: 3, ScoresQueue: 1, ConnectionQueue: 7})
	var wg sync.WaitGroup
	var rejected [publishers]uint64
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				if _, full := q.put(kind((p+i)%int(kinds)), new(websocket.PreparedMessage)); full {
					rejected[p]++
				}
			}
		})
	}
	published := make(chan struct{})
	go func() { wg.Wait(); close(published) }()
	seen := map[*websocket.PreparedMessage]bool{}
	take := func() {
		for {
			m, _, ok := q.take()
			if !ok {
				return
			}
			if seen[m] {
				t.Error("a message was taken twice")
			}
			seen[m] = true
		}
	}
	for open := true; open; {
		select {
		case <-q.ready:
			take()
		case <-published:
			open = false
		}
	}
	take()
	total := uint64(len(seen))
	for _, n := range q.takeLost() {
		total += n
	}
	for _, n := range rejected {
		total += n
	}
	if total != publishers*each || q.waiting() != 0 {
		t.Errorf("%d messages accounted for of %d, %d queued", total, publishers*each, q.waiting())
	}
}

// A client that sends requests without reading the responses is disconnected, and the hub
// continues to serve the others.
func TestClientThatDoesNotReadResponsesIsDisconnected(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.ReadLimit = 1 << 20 })
	flooding, other := r.dial(), r.dial()
	send(t, flooding, `{"subscribe":["alert"]}`) // the response shows that the client is registered
	send(t, other, `{"subscribe":["alert"]}`)
	// The response repeats the filter, so that the buffers of the connection fill up.
	kinds := `["` + strings.Repeat("x", 512<<10) + `"]`
	for i := 0; r.Clients() > 1; i++ {
		if i > 1000 {
			t.Fatal("the client is still connected after 1,000 unread responses")
		}
		if flooding.WriteMessage(websocket.TextMessage, []byte(`{"filter":{"kind":`+kinds+`}}`)) != nil {
			break
		}
	}
	r.Alert(&models.Alert{ID: "after"})
	if g := next(t, other); g.Event != "alert" {
		t.Errorf("the other client received %q", g.Event)
	}
	r.stop()
	// Which limit is reached first, of the queue, of a write or of the pong, depends on the machine.
	disconnected := 0.0
	for _, reason := range []string{leftSlow, leftStalled, leftSilent} {
		disconnected += value(r.met.left.WithLabelValues(reason))
	}
	if disconnected != 1 {
		t.Errorf("%v clients were disconnected, want 1", disconnected)
	}
	if c := r.stage.Counts(); c.In != c.Out+c.Dropped[vocabulary.DropLiveSlowClient]+c.Dropped[vocabulary.DropLiveClientGone] {
		t.Errorf("counts %+v", c)
	}
}
