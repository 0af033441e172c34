package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a running hub.
type running struct {
	*Hub
	t     *testing.T
	stop  func() // waits until Run returned
	stage *obs.Stage
}

func run(t *testing.T, edit func(*Config, *Deps)) *running {
	t.Helper()
	cfg, deps := DefaultConfig(), Deps{Registerer: prometheus.NewRegistry()}
	cfg.Addr = "127.0.0.1:0"
	stage := new(obs.Ledger).Stage("live")
	deps.Stage = stage
	if edit != nil {
		edit(&cfg, &deps)
	}
	h := New(cfg, deps)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	stopped := false
	r := &running{Hub: h, t: t, stage: stage}
	r.stop = func() {
		if cancel(); !stopped {
			if err := <-done; err != nil {
				t.Error(err)
			}
			stopped = true
		}
	}
	t.Cleanup(r.stop)
	if h.Addr() == nil {
		t.Fatal("hub does not listen")
	}
	return r
}

func (r *running) url() string { return "ws://" + r.Addr().String() + "/ws" }

func (r *running) dial() *websocket.Conn {
	r.t.Helper()
	c, resp, err := websocket.DefaultDialer.Dial(r.url(), nil)
	if err != nil {
		r.t.Fatal(err, resp)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// value returns the value of a counter.
func value(c prometheus.Counter) float64 {
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		panic(err)
	}
	return m.GetCounter().GetValue()
}

type got struct {
	Event string          `json:"event"`
	TS    time.Time       `json:"ts"`
	Data  json.RawMessage `json:"data"`
}

func next(t *testing.T, c *websocket.Conn) (g got) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if err := c.ReadJSON(&g); err != nil {
		t.Fatal(err)
	}
	if g.TS.IsZero() {
		t.Errorf("%s without a time", g.Event)
	}
	return g
}

// send sends a message and returns the response.
func send(t *testing.T, c *websocket.Conn, text string) got {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
	for {
		if g := next(t, c); g.Event == "subscribed" || g.Event == "error" {
			return g
		}
	}
}

func TestDefaultSubscription(t *testing.T) {
	r := run(t, nil)
	c := r.dial()
	send(t, c, `{"filter":{}}`) // the answer says that the client is there
	r.Connection(&models.Connection{ID: "no"})
	r.Scores(&models.ScoreBatch{})
	r.Stats(&models.Stats{Packets: 7})
	if g := next(t, c); g.Event != "stats" || !strings.Contains(string(g.Data), `"packets":7`) {
		t.Errorf("%+v", g)
	}
	r.Alert(&models.Alert{ID: "a1", Score: .9})
	if g := next(t, c); g.Event != "alert" || !strings.Contains(string(g.Data), `"id":"a1"`) {
		t.Errorf("%+v", g)
	}
}

func TestSubscriptionAndFilter(t *testing.T) {
	r := run(t, nil)
	c := r.dial()
	if g := send(t, c, `{"subscribe":["connection","alert"],"filter":{"ip":"10.0.0.0/8","min_score":0.9,"phase":["new"],"proto":"tcp"}}`); g.Event != "subscribed" {
		t.Fatalf("%s %s", g.Event, g.Data)
	}
	alert := models.Alert{SrcIP: "10.1.2.3", DstIP: "1.1.1.1", Proto: "TCP", Score: .95}
	for id, edit := range map[string]func(*models.Alert){
		"ip": func(a *models.Alert) { a.SrcIP = "11.0.0.1" }, "score": func(a *models.Alert) { a.Score = .8 }, "proto": func(a *models.Alert) { a.Proto = "UDP" },
	} {
		a := alert
		a.ID = id
		edit(&a)
		r.Alert(&a)
	}
	r.Stats(&models.Stats{})
	r.Connection(&models.Connection{ID: "closed", Phase: "closed", SrcIP: "10.0.0.1", Proto: "TCP"})
	r.Connection(&models.Connection{ID: "yes", Phase: "new", DstIP: "10.0.0.1", Proto: "TCP"})
	if g := next(t, c); g.Event != "connection" || !strings.Contains(string(g.Data), `"yes"`) {
		t.Errorf("%s %s", g.Event, g.Data)
	}
	alert.ID = "yes"
	r.Alert(&alert)
	if g := next(t, c); g.Event != "alert" || !strings.Contains(string(g.Data), `"yes"`) {
		t.Errorf("%s %s", g.Event, g.Data)
	}
	for bad, want := range map[string]string{
		`{`: "malformed", `{}`: "neither", `{"subscribe":["x"]}`: "unknown event", `{"subscribe":[],"more":1}`: "more",
		`{"filter":{"ip":"x"}}`: "ip", `{"filter":{"proto":"x"}}`: "proto", `{"filter":{"min_score":2}}`: "min_score",
		`{"filter":{"severity":["x"]}}`: "severity", `{"filter":{"phase":["x"]}}`: "phase", `{"filter":{"port":70000}}`: "port", `{"subscribe":[]} {}`: "more than one",
	} {
		if g := send(t, c, bad); g.Event != "error" || !strings.Contains(string(g.Data), want) {
			t.Errorf("%s: %s %s", bad, g.Event, g.Data)
		}
	}
	r.Alert(&alert) // the subscription has not changed
	if g := next(t, c); g.Event != "alert" {
		t.Errorf("%+v", g)
	}
}

func TestStatsAreSentPeriodically(t *testing.T) {
	r := run(t, func(cfg *Config, d *Deps) { d.Stats = source{} })
	c := r.dial()
	begin := time.Now()
	for range 10 {
		if g := next(t, c); g.Event != "stats" {
			t.Fatalf("%+v", g)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("ten stats messages took %v", took)
	}
}

type source struct{}

func (source) Stats() models.Stats { return models.Stats{Packets: 1} }

// A client that does not read loses stats and receives their number, but no alert.
// Publishing does not wait for it.
func TestSlowClientLosesStatsButNoAlert(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.LostEvery, cfg.WriteTimeout = 10*time.Millisecond, time.Minute })
	slow, quick := r.dial(), r.dial()
	send(t, slow, `{"filter":{}}`)
	send(t, quick, `{"subscribe":["alert"]}`)
	big := &models.Stats{Idle: strings.Repeat("x", 256<<10)}
	lost := r.met.lost.WithLabelValues("stats")
	const alerts = 50
	sent := 0
	for value(lost) < 20 {
		r.Stats(big)
		sent++
		if sent > 10_000 {
			t.Fatal("no message was discarded")
		}
	}
	for i := range alerts {
		r.Alert(&models.Alert{ID: fmt.Sprint(i)})
	}
	for i := range alerts {
		if g := next(t, quick); !strings.Contains(string(g.Data), fmt.Sprintf(`"id":"%d"`, i)) {
			t.Fatalf("quick client: %s", g.Data)
		}
	}
	seen, stats, reported := 0, 0, uint64(0)
	for seen < alerts || stats+int(reported) < sent {
		switch g := next(t, slow); g.Event {
		case "alert":
			if !strings.Contains(string(g.Data), fmt.Sprintf(`"id":"%d"`, seen)) {
				t.Fatalf("slow client: %s, want %d", g.Data, seen)
			}
			seen++
		case "stats":
			stats++
		case "lost":
			var n map[string]uint64
			if err := json.Unmarshal(g.Data, &n); err != nil {
				t.Fatal(err)
			}
			reported += n["stats"]
		}
	}
	if stats+int(reported) != sent || float64(reported) != value(lost) {
		t.Errorf("of %d stats %d were received and %d reported lost", sent, stats, reported)
	}
	r.stop()
	if c := r.stage.Counts(); c.In != c.Out+c.Dropped[vocabulary.DropLiveSlowClient]+c.Dropped[vocabulary.DropLiveClientGone] || c.Dropped[vocabulary.DropLiveSlowClient] != reported {
		t.Errorf("counts %+v", c)
	}
}

func TestClientWithFullAlertQueueIsDisconnected(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.AlertQueue, cfg.CloseTimeout = 20, 50*time.Millisecond })
	stuck, quick := r.dial(), r.dial()
	send(t, stuck, `{"filter":{}}`)
	send(t, quick, `{"subscribe":["stats"]}`)
	left := r.met.left.WithLabelValues(leftSlow)
	big := &models.Alert{Summary: strings.Repeat("x", 256<<10)}
	for i := 0; r.Clients() == 2; i++ {
		if i > 1_000_000 {
			t.Fatal("client is not disconnected")
		}
		r.Alert(big)
	}
	r.Stats(&models.Stats{})
	if g := next(t, quick); g.Event != "stats" {
		t.Errorf("%+v", g)
	}
	r.stop()
	if n := value(left); n != 1 {
		t.Errorf("%v clients disconnected for being slow", n)
	}
	if c := r.stage.Counts(); c.In != c.Out+c.Dropped[vocabulary.DropLiveSlowClient]+c.Dropped[vocabulary.DropLiveClientGone] {
		t.Errorf("counts %+v", c)
	}
}

func TestStopSendsAlertsThenCloseFrame(t *testing.T) {
	r := run(t, nil)
	c := r.dial()
	send(t, c, `{"filter":{}}`)
	for i := range 100 {
		r.Alert(&models.Alert{ID: fmt.Sprint(i)})
	}
	r.stop()
	n := 0
	for {
		_, _, err := c.ReadMessage()
		if err == nil {
			n++
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.CloseGoingAway {
			t.Errorf("end: %v", err)
		}
		break
	}
	if n != 100 {
		t.Errorf("%d alerts of 100", n)
	}
	r.Alert(&models.Alert{}) // harmless
}

func TestSilentAndDisconnectedClientsAreRemoved(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.PingEvery, cfg.PongTimeout = 10*time.Millisecond, 100*time.Millisecond })
	conn, err := net.Dial("tcp", r.Addr().String()) // shakes hands, then never answers a ping
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 4096)
	for err == nil { // until this side closes
		_, err = conn.Read(buf)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("silent client was kept")
	}
	c := r.dial()
	send(t, c, `{"filter":{}}`)
	_ = c.WriteMessage(websocket.TextMessage, make([]byte, 1<<20)) // it may be cut off before its end
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	for err = nil; err == nil; {
		_, _, err = c.ReadMessage()
	}
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("a message above the limit was taken")
	}
}

func TestRefusals(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.MaxClients = 1; cfg.AllowedOrigins = []string{"noc.example"} })
	try := func(host, origin string) int {
		d := websocket.Dialer{}
		hd := http.Header{}
		if host != "" {
			hd.Set("Host", host)
		}
		if origin != "" {
			hd.Set("Origin", origin)
		}
		c, resp, err := d.Dial(r.url(), hd)
		if err != nil {
			if resp == nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			return resp.StatusCode
		}
		send(t, c, `{"filter":{}}`)
		_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
		for err == nil {
			_, _, err = c.ReadMessage()
		}
		_ = c.Close()
		for r.Clients() > 0 {
			runtime.Gosched()
		}
		return 101
	}
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"", "", 101}, {"", "http://localhost:8090", 101}, {"", "http://127.0.0.1:8090", 101}, {"", "https://noc.example", 101},
		{"", "http://evil.example", 403}, {"", "null", 403}, {"evil.example", "http://evil.example", 421}, {"8.8.8.8", "", 421}, {"localhost", "http://localhost:5173", 101},
	} {
		if n := try(c.host, c.origin); n != c.want {
			t.Errorf("host %q, origin %q: %d, want %d", c.host, c.origin, n, c.want)
		}
	}
	send(t, r.dial(), `{"filter":{}}`)
	if n := try("", ""); n != 503 {
		t.Errorf("second client with a limit of one: %d", n)
	}
	for path, want := range map[string]httpserver.Problem{
		"/ws": {Status: 426, Code: vocabulary.ProblemUpgradeRequired},
		"/":   {Status: 404, Code: vocabulary.ProblemNoRoute},
	} {
		resp, err := http.Get("http://" + r.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		var p httpserver.Problem
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Status != want.Status || p.Code != want.Code || resp.StatusCode != want.Status {
			t.Errorf("%s: %d %+v %v", path, resp.StatusCode, p, err)
		}
		_ = resp.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestPortInUse(t *testing.T) {
	r := run(t, nil)
	cfg := DefaultConfig()
	cfg.Addr = r.Addr().String()
	err := New(cfg, Deps{}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), cfg.Addr) || !strings.Contains(err.Error(), "WS_PORT") {
		t.Error(err)
	}
	if err := New(Config{}, Deps{}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "client limit") {
		t.Error(err)
	}
}

func TestRingKeepsOrderAndLimit(t *testing.T) {
	ms := make([]*websocket.PreparedMessage, 300)
	for i := range ms {
		ms[i] = new(websocket.PreparedMessage)
	}
	r := ring{limit: 100}
	for i, m := range ms {
		if lost := r.push(m); lost != (i >= 100) {
			t.Fatalf("push %d: lost %v", i, lost)
		}
	}
	var order []bool
	for i := range 100 {
		order = append(order, r.pop() == ms[200+i])
	}
	want := make([]bool, 100)
	for i := range want {
		want[i] = true
	}
	if diff := cmp.Diff(want, order); diff != "" || r.n != 0 || len(r.items) != 0 {
		t.Errorf("%s n=%d items=%d", diff, r.n, len(r.items))
	}
}

// BenchmarkAlert measures one alert sent to 20 clients.
func BenchmarkAlert(b *testing.B) {
	h := New(DefaultConfig(), Deps{})
	for range 20 {
		c := &client{hub: h, queue: newQueues(h.cfg), kicked: make(chan struct{})}
		c.once.Do(func() {})
		c.sub.Store(defaultSubscription())
		h.clients[c] = struct{}{}
	}
	a := &models.Alert{ID: "x", Summary: "10.0.0.7 sent 412 SYNs to 380 ports", Features: map[string]float64{"entropy": 7}}
	b.ReportAllocs()
	for b.Loop() {
		h.Alert(a)
	}
}
