package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// recorded is a store that records the queries of the lists and returns empty pages.
type recorded struct {
	api.AlertStore
	api.ConnectionStore
	alerts      []models.AlertQuery
	connections []models.ConnectionQuery
}

func (r *recorded) Alerts(_ context.Context, q models.AlertQuery) (models.Page[models.AlertView], error) {
	r.alerts = append(r.alerts, q)
	return models.Page[models.AlertView]{Items: []models.AlertView{}, Page: 1, Limit: 1}, nil
}

func (r *recorded) Connections(_ context.Context, q models.ConnectionQuery) (models.Page[models.Connection], error) {
	r.connections = append(r.connections, q)
	return models.Page[models.Connection]{Items: []models.Connection{}, Page: 1, Limit: 1}, nil
}

func recordingFixture(t *testing.T) (*fixture, *recorded) {
	t.Helper()
	r := &recorded{}
	return newFixture(t, func(_ *api.Config, d *api.Deps) { d.Alerts, d.Connections = r, r }), r
}

func at64(v int64) *models.Timestamp { ts := models.Timestamp(v); return &ts }

func pointer[T any](v T) *T { return &v }

// paramCase is a parameter with values that are accepted, the field of the query that it
// sets (a path of Go field names), and values that are rejected.
type paramCase struct {
	param, field string
	accepted     map[string]any
	rejected     []string
}

// shared are the parameters of both lists.
var shared = []paramCase{
	{"since", "Since", map[string]any{
		"2026-01-29T12:00:00Z": at64(1769688000000000000), "2026-01-29T13:00:00.000000001+01:00": at64(1769688000000000001), "1970-01-01T00:00:00Z": at64(0),
		"1969-12-31T23:59:59Z": at64(-1e9),
	}, []string{"", "0", "1769688000", "2026-01-29", "2026-01-29T12:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "1677-12-31T00:00:00Z", "2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "now"}},
	{"until", "Until", map[string]any{"2026-01-29T12:00:00Z": at64(1769688000000000000)}, []string{"", "tomorrow", "2026-01-29T12:00:00 01:00", strings.Repeat("2", 65)}},
	{"ip", "IP", map[string]any{
		"10.0.0.7": netip.MustParsePrefix("10.0.0.7/32"), "10.9.9.9/8": netip.MustParsePrefix("10.0.0.0/8"), "2001:DB8::1": netip.MustParsePrefix("2001:db8::1/128"), "::/0": netip.MustParsePrefix("::/0"),
		"::ffff:10.0.0.7": netip.MustParsePrefix("10.0.0.7/32"), "::ffff:10.0.0.0/104": netip.MustParsePrefix("10.0.0.0/8"), "0.0.0.0/0": netip.MustParsePrefix("0.0.0.0/0"),
	}, []string{"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "fe80::1%eth0", "fe80::1%eth0/64", "localhost", "10.0.0.1,10.0.0.2", "[::1]", "10.0.0.1:80"}},
	{"port", "Port", map[string]any{"0": pointer(uint16(0)), "65535": pointer(uint16(65535)), "022": pointer(uint16(22))}, []string{"", "-1", "65536", "4294967318", "ssh", "22.0", "0x16", "1e3", " 22", "22,23", "18446744073709551638"}},
	{"proto", "Proto", map[string]any{"tcp": "TCP", "UDP": "UDP", "icmpV6": "ICMPv6", "IP-47": "IP-47", "arp": "ARP", "Stp": "STP", "LLDP": "LLDP"}, []string{"", "HTTP", "6", "IP-", "IP-256", "IP--1", "IP-x", "TCP,UDP", strings.Repeat("T", 17)}},
	{"q", "Q", map[string]any{"%": "%", "a b": "a b", "ä": "ä", strings.Repeat("x", 200): strings.Repeat("x", 200)}, []string{"", strings.Repeat("x", 201), strings.Repeat("ä", 101), "\x00", "a\x00b", "\xff", "\xc3\x28"}},
	{"limit", "Limit", map[string]any{"1": 1, "500": 500}, []string{"", "0", "-1", "501", "1.5", "x", "99999999999999999999", "184467440737095516170"}},
	{"page", "Paging.Page", map[string]any{"1": 1, "1000001": 1_000_001}, []string{"", "0", "-1", "1000002", "one", "1e3"}},
	{"cursor", "Cursor", map[string]any{"abc": "abc", strings.Repeat("x", 2000): strings.Repeat("x", 2000)}, []string{"", strings.Repeat("x", 2001), "\x00"}},
}

var alertParams = []paramCase{
	{"min_score", "MinScore", map[string]any{"0": pointer(0.), "1": pointer(1.), "0.5": pointer(.5), "1e-3": pointer(.001)}, []string{"", "-0.1", "1.0001", "NaN", "Inf", "-Inf", "half", "0,5", "0.5.", strings.Repeat("0", 33)}},
	{"severity", "Severity", map[string]any{"low": []models.Severity{"low"}, "low,critical": []models.Severity{"low", "critical"}}, []string{"", ",", "low,", ",low", "low,,high", "LOW", "low high", "severe", "low;high"}},
	{"state", "State", map[string]any{"new": []models.TriageState{"new"}, "false_positive,muted": []models.TriageState{"false_positive", "muted"}}, []string{"", "closed", "new,", "NEW", "any"}},
	{"kind", "Kind", map[string]any{"flood": []string{"flood"}, "a,b,c": []string{"a", "b", "c"}}, []string{"", ",", "flood,", strings.Repeat("x", 501)}},
	{"sort", "Sort", map[string]any{"ts": []models.SortKey{{Field: "ts"}}, "-score,kind": []models.SortKey{{Field: "score", Desc: true}, {Field: "kind"}}}, []string{"", ",", "ts,"}},
}

var connectionParams = []paramCase{
	{"phase", "Phases", map[string]any{"any": []string{"any"}, "new,expired": []string{"new", "expired"}}, []string{"", "open", "new,", "New", "new,unknown"}},
	{"state", "State", map[string]any{"SF": []string{"SF"}, "S0,OTH": []string{"S0", "OTH"}}, []string{"", "sf", "S4", "SF,", "new"}},
	{"service", "Service", map[string]any{"ssh": []string{"ssh"}, "ssl,quic": []string{"ssl", "quic"}}, []string{"", "ssh,", strings.Repeat("x", 501)}},
	{"sort", "Sort", map[string]any{"-bytes": []models.SortKey{{Field: "bytes", Desc: true}}}, []string{"", "ts,,bytes"}},
}

// fieldOf returns the field at a path of names.
func fieldOf(v any, path string) any {
	f := reflect.ValueOf(v)
	for _, name := range strings.Split(path, ".") {
		f = f.FieldByName(name)
	}
	return f.Interface()
}

var comparePrefix = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// Each parameter of the lists sets its field of the query and no other one, or is rejected
// with the code and its name, without a query of the store.
func TestListParameters(t *testing.T) {
	f, rec := recordingFixture(t)
	for _, list := range []struct {
		path   string
		params []paramCase
		last   func() any // the query of the last request; nil if there was none
	}{
		{"/api/v1/alerts", append(alertParams, shared...), func() any {
			defer func() { rec.alerts = nil }()
			if len(rec.alerts) == 0 {
				return nil
			}
			return rec.alerts[0]
		}},
		{"/api/v1/connections", append(connectionParams, shared...), func() any {
			defer func() { rec.connections = nil }()
			if len(rec.connections) == 0 {
				return nil
			}
			return rec.connections[0]
		}},
	} {
		f.raw("GET", list.path, "")
		without := list.last()
		described := map[string]bool{}
		for _, p := range f.doc.Paths.Value(list.path).Get.Parameters {
			described[p.Value.Name] = true
		}
		for _, c := range list.params {
			delete(described, c.param)
			for v, want := range c.accepted {
				r := f.raw("GET", list.path+"?"+url.Values{c.param: {v}}.Encode(), "")
				q := list.last()
				if r.StatusCode != http.StatusOK || q == nil {
					t.Errorf("%s: %s=%.40q: %d %s", list.path, c.param, v, r.StatusCode, r.body)
					continue
				}
				if d := cmp.Diff(want, fieldOf(q, c.field), comparePrefix); d != "" {
					t.Errorf("%s: %s=%.40q (-want +got)\n%s", list.path, c.param, v, d)
				}
				for _, other := range list.params {
					if other.field != c.field && !cmp.Equal(fieldOf(q, other.field), fieldOf(without, other.field), comparePrefix) {
						t.Errorf("%s: %s=%.40q also sets %s", list.path, c.param, v, other.field)
					}
				}
			}
			for _, v := range c.rejected {
				expectRejected(t, f, list.path+"?"+url.Values{c.param: {v}}.Encode(), c.param)
			}
			for v := range c.accepted { // each parameter at most once
				expectRejected(t, f, list.path+"?"+url.Values{c.param: {v, v}}.Encode(), c.param)
				break
			}
			expectRejected(t, f, list.path+"?"+strings.ToUpper(c.param)+"=1", strings.ToUpper(c.param))
			if q := list.last(); q != nil {
				t.Errorf("%s: a rejected value of %s was queried: %+v", list.path, c.param, q)
			}
		}
		for name := range described {
			t.Errorf("%s: the parameter %s is described and not tested", list.path, name)
		}
	}
}

func expectRejected(t *testing.T, f *fixture, target, field string) {
	t.Helper()
	r := f.raw("GET", target, "")
	var p httpserver.Problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Errorf("%.100s: %d %.200s (%v)", target, r.StatusCode, r.body, err)
		return
	}
	if r.StatusCode != http.StatusBadRequest || p.Code != vocabulary.ProblemInvalidParameters || len(p.Errors) != 1 || p.Errors[0].In != "query" || p.Errors[0].Field != field || p.Errors[0].Detail == "" {
		t.Errorf("%.100s: %d %s %+v, want one error of %s", target, r.StatusCode, p.Code, p.Errors, field)
	}
}

// The errors of all parameters are reported together, unknown ones last and sorted.
func TestAllInvalidParametersAreReported(t *testing.T) {
	f, rec := recordingFixture(t)
	r := f.raw("GET", "/api/v1/alerts?zz=1&since=x&until=y&ip=z&proto=0&port=-1&q=&sort=,&limit=0&page=0&min_score=2&severity=x&state=x&kind=,&aa=1", "")
	var p httpserver.Problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range p.Errors {
		got = append(got, e.Field)
	}
	want := "since until ip proto port q sort limit page min_score severity state kind aa zz"
	if strings.Join(got, " ") != want || len(rec.alerts) > 0 {
		t.Errorf("errors of %v, want %s; %d queries", got, want, len(rec.alerts))
	}
}

// The bounds of time may be equal but not reversed, and a cursor excludes a page number.
func TestParametersThatContradict(t *testing.T) {
	f, rec := recordingFixture(t)
	const early, late = "2026-01-29T12:00:00Z", "2026-01-29T12:00:00.000000001Z"
	for _, path := range []string{"/api/v1/alerts", "/api/v1/connections"} {
		for _, until := range []string{early, late} {
			if r := f.raw("GET", fmt.Sprintf("%s?since=%s&until=%s", path, early, until), ""); r.StatusCode != http.StatusOK {
				t.Errorf("%s until %s: %d %s", path, until, r.StatusCode, r.body)
			}
		}
		rec.alerts, rec.connections = nil, nil
		expectRejected(t, f, fmt.Sprintf("%s?since=%s&until=%s", path, late, early), "since")
		expectRejected(t, f, path+"?cursor=x&page=1", "page")
		expectRejected(t, f, path+"?since=2026-01-29T12:00:00+01:00", "since") // the + is a space
	}
	if len(rec.alerts)+len(rec.connections) > 0 {
		t.Errorf("rejected parameters were queried: %+v %+v", rec.alerts, rec.connections)
	}
}

// Routes without parameters reject all.
func TestRoutesWithoutParametersRejectAll(t *testing.T) {
	f := newFixture(t, nil)
	for _, route := range f.server.Routes() {
		method, path, _ := strings.Cut(route, " ")
		if method != http.MethodGet || !strings.HasPrefix(path, "/api/") || path == "/api/v1/alerts" || path == "/api/v1/connections" {
			continue
		}
		path = strings.NewReplacer("alerts/{id}", "alerts/b1", "connections/{id}", "connections/C00000000001").Replace(path)
		for _, query := range []string{"limit=1", "x", "=1", "x=1&x=2"} {
			name, _, _ := strings.Cut(query, "=")
			expectRejected(t, f, path+"?"+query, name)
		}
	}
}
