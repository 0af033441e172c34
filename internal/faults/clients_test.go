package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// The alerts of the test: every grows-th one is published three times, with a count that grows.
const (
	manyRate  = 20 // alerts per second
	manyGrows = 5
	manyAt    = models.Timestamp(1_750_000_000_000_000_000)
)

// manyAlert is the i-th alert with the given count.
func manyAlert(i int, count uint64) *models.Alert {
	return &models.Alert{
		ID: fmt.Sprintf("many-%06d", i), TS: manyAt + models.Timestamp(i)*1e6, LastTS: manyAt + models.Timestamp(i)*1e6, SrcIP: "10.0.0.7", DstIP: "10.0.0.9", Proto: "TCP",
		Score: .9, Threshold: .8, Severity: models.SeverityHigh, Count: count, Kind: vocabulary.KindPortScan, Scale: "host", Summary: "10.0.0.7 scans 10.0.0.9", Features: map[string]float64{},
		Reasons: []models.Reason{}, Model: models.ModelRef{Version: "1"},
	}
}

func manyLast(i int) uint64 {
	if i%manyGrows == 0 {
		return 3
	}
	return 1
}

// listener is one WebSocket client that stays connected until the end.
type listener struct {
	conn  *websocket.Conn
	mu    sync.Mutex
	seen  map[int]uint64 // highest count by number of the alert
	last  int            // alerts whose final state was received
	stats int
	wrong string // first error
}

func (l *listener) note(format string, args ...any) {
	if l.wrong == "" {
		l.wrong = fmt.Sprintf(format, args...)
	}
}

var (
	eventAlert = []byte(`{"event":"alert"`)
	eventStats = []byte(`{"event":"stats"`)
	eventLost  = []byte(`{"event":"lost"`)
)

func (l *listener) take(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case bytes.HasPrefix(b, eventStats):
		l.stats++
	case bytes.HasPrefix(b, eventLost) && bytes.Contains(b, []byte(`"alert"`)):
		l.note("lost alerts: %s", b)
	case bytes.HasPrefix(b, eventAlert):
		var m struct{ Data models.Alert }
		if err := json.Unmarshal(b, &m); err != nil {
			l.note("%v", err)
			return
		}
		i, err := strconv.Atoi(m.Data.ID[len("many-"):])
		if err != nil || m.Data.Count <= l.seen[i] {
			l.note("alert %s came with count %d after %d: %v", m.Data.ID, m.Data.Count, l.seen[i], err)
			return
		}
		if l.seen[i] = m.Data.Count; m.Data.Count == manyLast(i) {
			l.last++
		}
	}
}

// read reads messages until the connection ends, which must not happen before ended is set.
func (l *listener) read(ended *atomic.Bool) {
	for {
		_, b, err := l.conn.ReadMessage()
		if err != nil {
			if !ended.Load() {
				l.mu.Lock()
				l.note("disconnected: %v", err)
				l.mu.Unlock()
			}
			return
		}
		l.take(b)
	}
}

// listen connects a client and waits until its subscription is confirmed.
func listen(t *testing.T, url string) *listener {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: 30 * time.Second, ReadBufferSize: 4096, WriteBufferSize: 512}
	conn, _, err := d.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{conn: conn, seen: map[int]uint64{}}
	conn.SetPingHandler(func(text string) error { // tolerates a busy machine
		return conn.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(30*time.Second))
	})
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"subscribe":["stats","alert"]}`)); err != nil {
		t.Fatal(err)
	}
	for {
		_, b, err := conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(b, []byte(`{"event":"subscribed"`)) {
			return l
		}
	}
}

// poller is one HTTP client that sends requests in sequence.
type poller struct {
	took  map[string][]time.Duration
	wrong string
}

func (p *poller) run(ctx context.Context, base string, first, every time.Duration) {
	p.took = map[string][]time.Duration{}
	tr := &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute}
	defer tr.CloseIdleConnections()
	c := http.Client{Transport: tr, Timeout: 30 * time.Second}
	start := time.NewTimer(first) // clients are not synchronized
	defer start.Stop()
	select {
	case <-start.C:
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		path := []string{"alerts", "health"}[n%2]
		begin := time.Now()
		resp, err := c.Get(base + path)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		if err != nil || resp.StatusCode != http.StatusOK {
			p.wrong = fmt.Sprintf("%s: %v %v", path, resp, err)
			return
		}
		p.took[path] = append(p.took[path], time.Since(begin))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// TestManyClients connects many clients of both kinds (-sockets, -pollers,
// -clients-for) to one core while alerts arrive: every client is served, each WebSocket client
// receives the final state of each alert exactly once, and memory is bounded.
func TestManyClients(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it keeps both cores busy")
	}
	cfg := config()
	cfg.Engines, cfg.Session = 1, 6*time.Second // the default, because the clients use the processors
	cfg.Env = map[string]string{"WS_MAX_CLIENTS": strconv.Itoa(*sockets), "API_MAX_CONNECTIONS": strconv.Itoa(2 * (*sockets + *pollers))}
	r := faults.New(t, cfg)
	var page struct {
		WSPort int `json:"ws_port"`
	}
	if err := r.Get("config", &page); err != nil {
		t.Fatal(err)
	}
	var ended atomic.Bool
	var reading sync.WaitGroup
	all := make([]*listener, *sockets)
	for i := range all {
		url := fmt.Sprintf("ws://127.0.0.1:%d/ws", page.WSPort)
		if i%2 == 1 {
			url = "ws://" + r.API() + "/ws"
		}
		all[i] = listen(t, url)
		reading.Go(func() { all[i].read(&ended) })
	}
	if _, resp, err := websocket.DefaultDialer.Dial("ws://"+r.API()+"/ws", nil); err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a client above WS_MAX_CLIENTS: %v %v, want 503", resp, err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), *clientsFor)
	defer cancel()
	asking := make([]poller, *pollers)
	var polling sync.WaitGroup
	for i := range asking {
		polling.Go(func() {
			asking[i].run(ctx, "http://"+r.API()+"/api/v1/", time.Duration(i)*(*pollEvery)/time.Duration(*pollers), *pollEvery)
		})
	}
	sent := publishMany(ctx, t, r)
	polling.Wait()
	faults.Eventually(t, time.Minute, "all alerts at all clients", func() bool {
		for _, l := range all {
			l.mu.Lock()
			done := l.last >= sent || l.wrong != ""
			l.mu.Unlock()
			if !done {
				return false
			}
		}
		return true
	})
	ended.Store(true)
	stats := 0
	for i, l := range all {
		_ = l.conn.Close()
		l.mu.Lock()
		if l.wrong != "" || l.last != sent || len(l.seen) != sent {
			t.Errorf("WebSocket client %d: %s; %d of %d alerts", i, l.wrong, l.last, sent)
		}
		stats += l.stats
		l.mu.Unlock()
	}
	reading.Wait()
	took := map[string][]time.Duration{}
	for i := range asking {
		if asking[i].wrong != "" {
			t.Errorf("HTTP client %d: %s", i, asking[i].wrong)
		}
		for path, d := range asking[i].took {
			took[path] = append(took[path], d...)
		}
	}
	for path, d := range took {
		slices.Sort(d)
		t.Logf("/%s: %d requests, median %v, p99 %v, longest %v", path, len(d), d[len(d)/2], d[len(d)*99/100], d[len(d)-1])
	}
	_, peak := r.Core.Memory()
	t.Logf("%d WebSocket clients got %d alerts each and %d stats in all; the core's memory was at most %d MiB", len(all), sent, stats, peak>>20)
	var list models.Page[models.AlertView]
	if err := r.Get("alerts?limit=1", &list); err != nil || int(list.Total) != sent {
		t.Errorf("%d rows (%v), %d alerts were sent", list.Total, err, sent)
	}
	r.CheckProcesses()
}

// publishMany sends alerts until ctx ends and returns how many.
func publishMany(ctx context.Context, t *testing.T, r *faults.Rig) (sent int) {
	t.Helper()
	cl := dial(t, r.Address)
	tick := time.NewTicker(time.Second / manyRate)
	defer tick.Stop()
	for ; ; sent++ {
		for count := uint64(1); count <= manyLast(sent); count++ {
			b, err := json.Marshal(manyAlert(sent, count))
			if err != nil {
				t.Fatal(err)
			}
			produce(t, cl, &kgo.Record{Topic: models.TopicAlerts, Key: []byte(manyAlert(sent, 1).ID), Value: b})
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return sent + 1
		}
	}
}
