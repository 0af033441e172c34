package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store"
	"github.com/netlyra/netlyra/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a server with a real database of fixed content.
type fixture struct {
	t       *testing.T
	server  *api.Server
	health  *obs.Health
	store   *store.Store
	deps    api.Deps
	router  routers.Router
	doc     *openapi3.T
	covered map[string]bool // routes that were requested
}

// socket replaces the WebSocket server.
type socket struct{}

func (socket) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Upgrade", "websocket")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusUpgradeRequired)
	_, _ = io.WriteString(w, `{"type":"about:blank","title":"Upgrade Required","status":426,"detail":"This address only serves WebSocket."}`)
}

type fixedStats struct{ all models.Stats }

func (f fixedStats) Stats() models.Stats { return f.all }

var epoch = time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) models.Timestamp { return models.TimestampOf(epoch.Add(d)) }

func newFixture(t *testing.T, edit func(*api.Config, *api.Deps)) *fixture {
	t.Helper()
	cfg := store.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "net.db")
	st, err := store.Open(context.Background(), cfg, store.WithClock(func() time.Time { return epoch.Add(time.Minute) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := errors.Join(st.SaveAlerts(context.Background(), seedAlerts()), st.SaveConnections(context.Background(), seedConnections())); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	f := &fixture{t: t, store: st, health: obs.NewHealth(), covered: map[string]bool{}}
	f.health.Set("store", nil)
	f.deps = api.Deps{
		Alerts: st, Connections: st, Health: f.health, Machines: memory.All(), Features: features.All(), Gatherer: reg, Registerer: reg,
		Stats: fixedStats{seedStats()}, Ledger: seedLedger(), UI: testUI(), Live: socket{},
	}
	acfg := api.DefaultConfig()
	acfg.Version = "0.1.0"
	if edit != nil {
		edit(&acfg, &f.deps)
	}
	f.server = api.New(acfg, f.deps)
	if f.doc, err = openapi3.NewLoader().LoadFromData(api.Spec()); err != nil {
		t.Fatal(err)
	}
	if f.router, err = gorillamux.NewRouter(f.doc); err != nil {
		t.Fatal(err)
	}
	return f
}

func testUI() fs.FS {
	return fstest.MapFS{
		"index.html":          {Data: []byte(`<!doctype html><base href="/" /><title>page</title>`)},
		"assets/app-1234.js":  {Data: []byte("console.log(1)//" + strings.Repeat("x", 4000))},
		"favicon.svg":         {Data: []byte("<svg/>")},
		".gitkeep":            {Data: nil},
		"assets/app-1234.css": {Data: []byte("a{}")},
	}
}

func seedStats() models.Stats {
	return models.Stats{
		TS: at(0), Packets: 120345, Bytes: 61234567, Alerts: 3, Connections: 6, PacketsPerSecond: 1203.5, BitsPerSecond: 4.9e6,
		Scored: 120000, ScoredPerSecond: 1200, Warm: true, Lag: models.Lag{Packets: 345}, Threshold: .8,
		Stages:     []models.StageCounts{{Stage: "capture", In: 120350, Out: 120345, Bytes: 61234567, Dropped: map[string]uint64{"truncated": 5}}},
		Partitions: []models.PartitionStatus{{Partition: 0, Offset: 120000, Lag: 345, EventTS: at(0), Scored: 120000, Learned: 118000, Alerts: 3, Warm: true, Packets: 120256, Cold: 256}},
		Instances: []models.InstanceState{{Instance: "sensor-1/4711", Role: "up", TS: at(0), Health: map[string]string{"store": "ok", "live": "1 client is too slow"},
			Conditions: []vocabulary.Condition{{Stage: "live", Code: vocabulary.ConditionSlowClients, Severity: vocabulary.SeverityDegraded, Params: map[string]any{"count": 1}, Text: "1 client is too slow"}}}},
		Traffic: models.Traffic{Talkers: []models.Talker{{IP: "10.0.0.7", Packets: 900, Bytes: 81000}}, Protocols: map[string]uint64{"TCP": 61000000}, Connections: 4, EventTS: at(0)},
	}
}

func seedAlerts() []models.Alert {
	scan := models.Alert{
		ID: "a7f3c1d2e4b59608", TS: at(0), LastTS: at(2100 * time.Millisecond), SrcIP: "10.0.0.7", DstIP: "10.0.0.9", SrcPort: 40112, DstPort: 22, Proto: "TCP",
		Score: .97, Threshold: .8, Severity: models.SeverityHigh, Count: 412, Kind: vocabulary.KindPortScan, Technique: "T1046", Scale: "host",
		Summary: "10.0.0.7 sent 412 SYNs to 380 ports of 10.0.0.9 in 2.1 s; it usually talks to 3", Conn: "C00000000001",
		Features: map[string]float64{"entropy": 0, "packet_rate": 196.2, "byte_rate": 11772, "fan_out": 380},
		Reasons: []models.Reason{
			{Feature: "fan_out", Value: 380, Typical: [2]float64{1, 3}, Share: .75, Text: "10.0.0.7 contacted 380 ports; typical are 1 to 3"}, {Feature: "packet_rate", Value: 196.2, Typical: [2]float64{.5, 40}, Share: .25}},
		Counterfactual: &models.Counterfactual{Changes: []models.Change{{Feature: "fan_out", Value: 380, Limit: 21}}, Score: .79, Text: "No alert with at most 21 ports"},
		Evidence:       &models.Evidence{Feature: "fan_out", Value: 380, Limit: 21, Level: 9.5, Series: []models.EvidencePoint{{TS: at(0), Value: 22}, {TS: at(2100 * time.Millisecond), Value: 380}}},
		Recurrence:     &models.Recurrence{Count: 4, First: at(-time.Hour), Every: 1200, Regular: true},
		Model:          models.ModelRef{Version: "1", Partition: 0, Offset: 5120},
	}
	flood, tunnel := scan, scan
	flood.ID, flood.TS, flood.LastTS, flood.Kind, flood.Technique, flood.Severity, flood.Score, flood.Conn, flood.Counterfactual, flood.Evidence, flood.Recurrence = "b1", at(10*time.Second), at(12*time.Second), vocabulary.KindFlood, "T1498", models.SeverityCritical, .99, "", nil, nil, nil
	flood.SrcIP, flood.Summary = "192.168.1.66", "192.168.1.66 sent 52,000 packets a second to 10.0.0.9"
	tunnel.ID, tunnel.TS, tunnel.LastTS, tunnel.Kind, tunnel.Technique, tunnel.Severity, tunnel.Score, tunnel.Proto, tunnel.DstPort = "c/2", at(20*time.Second), at(90*time.Second), vocabulary.KindUnusual, "", models.SeverityLow, .81, "UDP", 53
	tunnel.SrcIP, tunnel.DstIP, tunnel.Summary = "2001:db8::7", "2001:db8::53", "DNS queries with names unlike the rest"
	return []models.Alert{scan, flood, tunnel}
}

func seedConnections() []models.Connection {
	var out []models.Connection
	for i, phase := range []string{"active", "new", "idle", "closed", "expired", "active"} {
		out = append(out, models.Connection{
			ID: models.ConnID(i + 1).String(), TS: at(time.Duration(i) * time.Second), LastTS: at(time.Duration(2*i+1) * time.Second), SrcIP: "10.0.0.7", SrcPort: uint16(40112 + i),
			DstIP: "10.0.0.9", DstPort: 22, Proto: "TCP", State: "SF", Phase: phase, History: "ShADadFf", Service: "ssh",
			OrigPackets: 12, OrigBytes: 1400, OrigIPBytes: 2024, RespPackets: 10, RespBytes: 9000, RespIPBytes: 9520, Duration: float64(i + 1), Community: "1:wCb3OG7yAFWelaUydu0D+125CLM=",
		})
	}
	return out
}

// reply is a response.
type reply struct {
	*http.Response
	body []byte
}

func (r reply) json(t *testing.T) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%v: %.200s", err, r.body)
	}
	return v
}

// ask sends a request and validates it and the response against the OpenAPI description.
// The response must be 400 exactly if the description forbids the request, unless lax is
// set because the description cannot express the rule.
func (f *fixture) ask(method, target, body string, lax bool, headers ...string) reply {
	f.t.Helper()
	r := f.raw(method, target, body, headers...)
	req := request(method, target, body, headers...)
	route, params, err := f.router.FindRoute(req)
	if err != nil {
		f.t.Fatalf("%s %s is not in the description: %v", method, target, err)
	}
	f.covered[method+" "+route.Path] = true
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}}
	in.Options.WithCustomSchemaErrorFunc(func(e *openapi3.SchemaError) string { return e.Reason })
	if !lax {
		err := openapi3filter.ValidateRequest(context.Background(), in)
		if (err != nil) != (r.StatusCode == http.StatusBadRequest) {
			f.t.Errorf("%s %s: status %d, validation of the request: %v", method, target, r.StatusCode, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.StatusCode, Header: r.Header, Options: in.Options}
	out.SetBodyBytes(r.body)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		f.t.Errorf("%s %s: response does not match the description: %v\n%.600s", method, target, err, r.body)
	}
	return r
}

func request(method, target, body string, headers ...string) *http.Request {
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	req.Host = "127.0.0.1:8090"
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

// raw sends a request without validation.
func (f *fixture) raw(method, target, body string, headers ...string) reply {
	f.t.Helper()
	w := httptest.NewRecorder()
	req := request(method, target, body, headers...)
	if h := req.Header.Get("Host"); h != "" {
		req.Host = h
	}
	f.server.Handler().ServeHTTP(w, req)
	res := w.Result()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if s := res.Header.Get("X-Content-Type-Options"); s != "nosniff" {
		f.t.Errorf("%s %s: no security headers", method, target)
	}
	if res.StatusCode >= 400 && method != http.MethodHead {
		var p httpserver.Problem
		if err := json.NewDecoder(bytes.NewReader(b)).Decode(&p); err != nil && res.Header.Get("Content-Type") == "application/problem+json" || p.Status != 0 && p.Status != res.StatusCode || p.Status != 0 && p.Code == "" && p.Status != http.StatusUpgradeRequired {
			f.t.Errorf("%s %s: problem %s (%v)", method, target, b, err)
		}
	}
	return reply{res, b}
}

func ids(v map[string]any) (out []string) {
	items, _ := v["items"].([]any)
	for _, i := range items {
		out = append(out, fmt.Sprint(i.(map[string]any)["id"]))
	}
	return out
}
