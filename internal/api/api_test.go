package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

func TestDescriptionIsValid(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(api.Spec())
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Every route is described, and every description has a route.
func TestRoutesAndDescriptionAgree(t *testing.T) {
	f := newFixture(t, nil)
	described := map[string]bool{}
	for path, item := range f.doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+path] = true
		}
	}
	for _, r := range f.server.Routes() {
		if !described[r] {
			t.Errorf("%s is not described", r)
		}
		delete(described, r)
	}
	for r := range described {
		t.Errorf("%s is described and does not exist", r)
	}
}

func TestResponsesMatchTheDescription(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		target string
		want   string // ids, if the response is a list
	}{
		{"/api/v1/alerts", "c/2 b1 a7f3c1d2e4b59608"},
		{"/api/v1/alerts?since=2026-01-29T12:00:10Z&until=2026-01-29T12:00:10Z", "b1"},
		{"/api/v1/alerts?since=2026-01-29T13:00:10%2B01:00", "c/2 b1"},
		{"/api/v1/alerts?ip=10.0.0.9", "b1 a7f3c1d2e4b59608"},
		{"/api/v1/alerts?ip=192.168.0.0/16", "b1"},
		{"/api/v1/alerts?ip=2001:db8::/32", "c/2"},
		{"/api/v1/alerts?port=53&proto=udp", "c/2"},
		{"/api/v1/alerts?min_score=0.97", "b1 a7f3c1d2e4b59608"},
		{"/api/v1/alerts?severity=high,critical&kind=flood", "b1"},
		{"/api/v1/alerts?state=ack", ""},
		{"/api/v1/alerts?q=dns%20QUERIES", "c/2"},
		{"/api/v1/alerts?sort=-severity,ts", "b1 a7f3c1d2e4b59608 c/2"},
		{"/api/v1/alerts?limit=1&page=2", "b1"},
		{"/api/v1/connections", "C00000000006 C00000000003 C00000000002 C00000000001"},
		{"/api/v1/connections?phase=closed,expired&sort=duration", "C00000000004 C00000000005"},
		{"/api/v1/connections?phase=any&state=SF&service=ssh&limit=2&sort=-bytes,-ts", "C00000000006 C00000000005"},
		{"/api/v1/health", ""}, {"/api/v1/stats", ""}, {"/api/v1/ledger", ""}, {"/api/v1/features", ""}, {"/api/v1/machines", ""}, {"/api/v1/config", ""}, {"/api/v1/openapi.yaml", ""},
		{"/api/v1/alerts/a7f3c1d2e4b59608", ""}, {"/api/v1/connections/C00000000001", ""}, {"/metrics", ""},
	} {
		r := f.ask("GET", c.target, "", false)
		if r.StatusCode != 200 {
			t.Errorf("%s: %d %s", c.target, r.StatusCode, r.body)
			continue
		}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			if got := strings.Join(ids(r.json(t)), " "); got != c.want && !strings.HasSuffix(c.target, "machines") && !strings.HasSuffix(c.target, "features") {
				t.Errorf("%s: %q, want %q", c.target, got, c.want)
			}
		}
		if h := f.raw("HEAD", c.target, ""); h.StatusCode != 200 {
			t.Errorf("HEAD %s: %d", c.target, h.StatusCode)
		}
	}
	f.ask("PATCH", "/api/v1/alerts/b1", `{"state":"ack"}`, false, "Content-Type", "application/json")
	for _, r := range f.server.Routes() {
		if !f.covered[r] {
			t.Errorf("%s was not requested", r)
		}
	}
}

func TestIDsWithSlashes(t *testing.T) {
	f := newFixture(t, nil)
	if r := f.raw("GET", "/api/v1/alerts/c%2F2", ""); r.StatusCode != 200 || r.json(t)["id"] != "c/2" {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestBadParametersAreNamed(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		target string
		fields string
		lax    bool // the description cannot express it
	}{
		{"/api/v1/alerts?limit=0", "limit", false}, {"/api/v1/alerts?limit=501", "limit", false}, {"/api/v1/alerts?limit=x", "limit", false},
		{"/api/v1/alerts?limit=", "limit", true}, {"/api/v1/alerts?limit=1&limit=2", "limit", true}, {"/api/v1/alerts?limit=9999999999999999999", "limit", true},
		{"/api/v1/alerts?page=0", "page", false}, {"/api/v1/alerts?page=1000001&limit=500", "page", true},
		{"/api/v1/alerts?lmit=5", "lmit", true}, {"/api/v1/health?x=1", "x", true}, {"/api/v1/alerts/b1?x", "x", true},
		{"/api/v1/alerts?since=2026-01-29T13:00:10+01:00", "since", false}, {"/api/v1/connections?until=2026-01-29T13:00:10.5+01:00", "until", false},
		{"/api/v1/alerts?since=yesterday", "since", false}, {"/api/v1/alerts?until=0001-01-01T00:00:00Z", "until", true},
		{"/api/v1/alerts?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since", true},
		{"/api/v1/alerts?ip=10.0.0", "ip", true}, {"/api/v1/alerts?ip=10.0.0.1/33", "ip", true}, {"/api/v1/alerts?ip=fe80::1%25eth0", "ip", true},
		{"/api/v1/alerts?port=65536", "port", false}, {"/api/v1/alerts?port=-1", "port", false}, {"/api/v1/alerts?proto=XYZ", "proto", false},
		{"/api/v1/alerts?min_score=1.1", "min_score", false}, {"/api/v1/alerts?min_score=NaN", "min_score", true},
		{"/api/v1/alerts?severity=huge", "severity", false}, {"/api/v1/alerts?state=old", "state", false}, {"/api/v1/alerts?severity=low,", "severity", true},
		{"/api/v1/alerts?sort=password", "sort", false}, {"/api/v1/alerts?sort=ts,ts", "sort", true}, {"/api/v1/alerts?sort=ts,score,kind,state,proto", "sort", false},
		{"/api/v1/alerts?cursor=abc", "cursor", true}, {"/api/v1/alerts?cursor=abc&page=2", "page", true},
		{"/api/v1/alerts?q=" + strings.Repeat("x", 201), "q", false}, {"/api/v1/alerts?q=%00", "q", true}, {"/api/v1/alerts?q=%ff", "q", true},
		{"/api/v1/connections?phase=dead", "phase", false}, {"/api/v1/connections?state=XX", "state", false}, {"/api/v1/connections?sort=score", "sort", true},
		{"/api/v1/alerts?limit=0&port=x&zzz=1", "port limit zzz", true},
	} {
		r := f.ask("GET", c.target, "", c.lax)
		var fields []string
		list, _ := r.json(t)["errors"].([]any)
		for _, e := range list {
			fields = append(fields, e.(map[string]any)["field"].(string))
		}
		if r.StatusCode != 400 || strings.Join(fields, " ") != c.fields {
			t.Errorf("%s: %d, fields %q, want %q", c.target, r.StatusCode, fields, c.fields)
		}
	}
	if r := f.raw("GET", "/api/v1/alerts?a=%zz", ""); r.StatusCode != 400 {
		t.Errorf("broken query: %d", r.StatusCode)
	}
}

func TestTriage(t *testing.T) {
	f := newFixture(t, nil)
	const target = "/api/v1/alerts/b1"
	for _, c := range []struct {
		body, kind string
		want       int
		lax        bool
	}{
		{`{"state":"false_positive","note":"the nightly backup","author":"kim"}`, "application/json", 200, false},
		{`{"note":""}`, "application/json; charset=utf-8", 200, false},
		{`{}`, "application/json", 400, true}, {``, "application/json", 400, true}, {`{"state":"x"}`, "application/json", 400, false},
		{`{"state":5}`, "application/json", 400, false}, {`{"stat":"new"}`, "application/json", 400, false}, {`[]`, "application/json", 400, false},
		{`{"state":"new"} {}`, "application/json", 400, true}, {`{"note":"` + strings.Repeat("x", 4001) + `"}`, "application/json", 400, false},
		{`{"note":"` + strings.Repeat("x", 70000) + `"}`, "application/json", 413, true}, {`state=new`, "application/x-www-form-urlencoded", 415, true}, {`{"state":"new"}`, "", 415, true},
	} {
		if r := f.ask("PATCH", target, c.body, c.lax, "Content-Type", c.kind); r.StatusCode != c.want {
			t.Errorf("%.60s %s: %d, want %d: %s", c.body, c.kind, r.StatusCode, c.want, r.body)
		}
	}
	v := f.ask("GET", target, "", false).json(t)
	if history := v["triage"].([]any); v["state"] != "false_positive" || v["note"] != "" || len(history) != 2 || history[0].(map[string]any)["author"] != "kim" {
		t.Errorf("after triage: %v %v %v", v["state"], v["note"], v["triage"])
	}
	if r := f.ask("PATCH", "/api/v1/alerts/none", `{"state":"ack"}`, true, "Content-Type", "application/json"); r.StatusCode != 404 {
		t.Errorf("unknown alert: %d", r.StatusCode)
	}
}

func TestCursorPagesThroughTheList(t *testing.T) {
	f := newFixture(t, nil)
	var got []string
	next := ""
	for n := 1; ; n++ {
		target := "/api/v1/connections?phase=any&limit=2&sort=-last_ts"
		if next != "" {
			target += "&cursor=" + next
		}
		v := f.ask("GET", target, "", false).json(t)
		if v["total"] != 6.0 || v["page"] != float64(n) || v["limit"] != 2.0 {
			t.Errorf("page %d: %v %v %v", n, v["total"], v["page"], v["limit"])
		}
		got = append(got, ids(v)...)
		if next = v["next_cursor"].(string); next == "" {
			break
		}
	}
	want := slices.Clone(got)
	slices.Sort(want)
	slices.Reverse(want)
	if len(got) != 6 || !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Every problem has a code of the vocabulary, and the code that the case expects.
func TestProblemCodes(t *testing.T) {
	f := newFixture(t, func(c *api.Config, _ *api.Deps) { c.MaxBody = 1024 })
	known := map[string]bool{}
	for _, e := range vocabulary.Problems {
		known[e.Code] = true
	}
	for _, c := range []struct{ method, target, body, header, value, want string }{
		{"GET", "/api/v1/alerts?limit=0", "", "", "", vocabulary.ProblemInvalidParameters},
		{"GET", "/api/v1/alerts?cursor=abc", "", "", "", vocabulary.ProblemInvalidParameters},
		{"GET", "/api/v1/alerts/none", "", "", "", vocabulary.ProblemNotFound},
		{"GET", "/api/v1/nothing", "", "", "", vocabulary.ProblemNoRoute},
		{"GET", "/assets/none.js", "", "", "", vocabulary.ProblemNotFound},
		{"POST", "/api/v1/alerts", "", "", "", vocabulary.ProblemMethodNotAllowed},
		{"POST", "/", "", "", "", vocabulary.ProblemMethodNotAllowed},
		{"GET", "/api/v1/alerts", "", "Accept", "text/html", vocabulary.ProblemNotAcceptable},
		{"GET", "/api/v1/alerts", "", "Host", "evil.example", vocabulary.ProblemHostNotAllowed},
		{"GET", "/api/v1/alerts", "", "Sec-Fetch-Site", "cross-site", vocabulary.ProblemCrossSite},
		{"PATCH", "/api/v1/alerts/b1", "{}", "Content-Type", "text/plain", vocabulary.ProblemUnsupportedType},
		{"PATCH", "/api/v1/alerts/b1", "{}", "Content-Type", "application/json", vocabulary.ProblemInvalidBody},
		{"PATCH", "/api/v1/alerts/b1", `{"x":1}`, "Content-Type", "application/json", vocabulary.ProblemInvalidBody},
		{"PATCH", "/api/v1/alerts/b1", `{"note":"` + strings.Repeat("x", 2000) + `"}`, "Content-Type", "application/json", vocabulary.ProblemBodyTooLarge},
	} {
		var p httpserver.Problem
		r := f.raw(c.method, c.target, c.body, c.header, c.value)
		if err := json.Unmarshal(r.body, &p); err != nil || p.Code != c.want || !known[p.Code] || p.Status != r.StatusCode {
			t.Errorf("%s %s: %s, want code %s (%v)", c.method, c.target, r.body, c.want, err)
		}
	}
}

func TestErrorsAreProblems(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		method, target, header, value string
		want                          int
	}{
		{"GET", "/api/v1/nothing", "", "", 404}, {"GET", "/api", "", "", 404}, {"GET", "/api/v1/alerts/none", "", "", 404}, {"GET", "/api/v1/connections/none", "", "", 404},
		{"GET", "/api/v1/alerts/", "", "", 404},
		{"POST", "/api/v1/alerts", "", "", 405}, {"DELETE", "/api/v1/alerts/b1", "", "", 405}, {"POST", "/somewhere", "", "", 405},
		{"GET", "/api/v1/alerts", "Accept", "text/html", 406}, {"GET", "/api/v1/alerts", "Accept", "application/json;q=0, */*", 406}, {"GET", "/api/v1/openapi.yaml", "Accept", "application/json", 406},
		{"GET", "/api/v1/alerts", "Accept", "text/html, application/*;q=0.1", 200}, {"GET", "/api/v1/alerts", "Accept", "*/*", 200},
		{"PATCH", "/api/v1/alerts/b1", "Sec-Fetch-Site", "cross-site", 403}, {"PATCH", "/api/v1/alerts/b1", "Origin", "http://evil.example", 403},
		{"GET", "/api/v1/alerts", "Host", "evil.example", 421}, {"GET", "/api/v1/alerts", "Host", "LOCALHOST:8090", 200}, {"GET", "/api/v1/alerts", "Host", "[::1]:8090", 200},
		{"GET", "/api/v1/alerts", "Host", "192.0.2.1:8090", 421}, {"GET", "/", "Host", "192.0.2.1:8090", 421}, {"GET", "/ws", "Host", "evil.example", 421},
		{"GET", "/ws", "", "", 426},
		{"GET", "/assets/none.js", "", "", 404}, {"GET", "/none.png", "Accept", "image/*", 404},
	} {
		r := f.raw(c.method, c.target, "", c.header, c.value)
		if r.StatusCode != c.want {
			t.Errorf("%s %s %s: %s: %d, want %d", c.method, c.target, c.header, c.value, r.StatusCode, c.want)
		}
		if c.want >= 400 && r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %s", c.method, c.target, r.Header.Get("Content-Type"))
		}
		if c.want == 405 && r.Header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", c.method, c.target)
		}
	}
}

// broken is an AlertStore that fails.
type broken struct {
	api.AlertStore
	fail func() error
}

func (b broken) Alerts(context.Context, models.AlertQuery) (p models.Page[models.AlertView], err error) {
	return p, b.fail()
}

var beyond = 1 // an index that the compiler cannot check

func TestInternalErrorsAreProblems(t *testing.T) {
	for name, c := range map[string]struct {
		fail func() error
		want int
	}{
		"error":   {func() error { return errors.New("secret path") }, 500},
		"slow":    {func() error { return context.DeadlineExceeded }, 503},
		"panic":   {func() error { panic("secret path") }, 500},
		"runtime": {func() error { return []error{}[beyond] }, 500},
	} {
		f := newFixture(t, func(_ *api.Config, d *api.Deps) {
			d.Alerts, d.Log = broken{fail: c.fail}, slog.New(slog.DiscardHandler)
		})
		r := f.ask("GET", "/api/v1/alerts", "", false)
		if r.StatusCode != c.want || strings.Contains(string(r.body), "secret") {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.body)
		}
	}
}

func TestHealthReportsConditions(t *testing.T) {
	f := newFixture(t, nil)
	f.health.Set("live", obs.Degraded(vocabulary.ConditionSlowClients, obs.Params{"count": 2}, "a client is slow"))
	if r := f.ask("GET", "/api/v1/health", "", false); r.StatusCode != 200 || r.json(t)["status"] != "degraded" || !strings.Contains(string(r.body), `"code":"slow_clients","severity":"degraded","params":{"count":2}`) {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	f.health.Set("store", errors.New("disk is full"))
	if r := f.ask("GET", "/api/v1/health", "", false); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(r.body), "disk is full") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
}

func TestStatsNeverHaveNulls(t *testing.T) {
	f := newFixture(t, func(_ *api.Config, d *api.Deps) { d.Stats = fixedStats{} })
	if r := f.ask("GET", "/api/v1/stats", "", false); r.StatusCode != 200 || strings.Contains(string(r.body), "null") {
		t.Errorf("%s", r.body)
	}
}
