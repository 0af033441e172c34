package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// serve returns the URL of a core with that ledger.
func serve(t *testing.T, l models.Ledger) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/ledger" {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(l)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func sampleLedger() models.Ledger {
	return models.Ledger{
		AddsUp: true, AtRest: true, Notes: []string{"a note"}, Lanes: []models.LedgerLane{{Packets: 90, Scored: 80, Alerted: 7, Passed: 73, Cold: 10, Holds: true}},
		Checks: []models.LedgerCheck{{
			Name: "decode", Says: "captured = decoded + skipped by reason", Holds: true,
			In: []models.LedgerTerm{{Name: "came_in", N: 100}}, Out: []models.LedgerTerm{{Name: "passed_on", N: 93}, {Name: "dropped", N: 7, By: map[string]uint64{"truncated": 7}}},
		}},
	}
}

func TestLedgerOutputAndExitCode(t *testing.T) {
	good, bad, busy := sampleLedger(), sampleLedger(), sampleLedger()
	bad.AddsUp = false
	bad.Checks[0].Difference, bad.Checks[0].Holds, bad.Checks[0].Why = 3, false, "3 packets are lost"
	busy.AtRest = false
	for _, c := range []struct {
		name, url string
		args      []string
		code      int
		stdout    []string
		stderr    string
	}{
		{"good", serve(t, good), nil, 0, []string{"100  ", "decode: captured", "7 dropped (truncated 7)", "lane 0: 90 packets = 80 scored (7 anomalous, 73 typical) + 10", "note: a note", "Balanced, with nothing in flight"}, ""},
		{"bad", serve(t, bad), nil, 1, []string{"NOT BALANCED", "3 packets are lost"}, "does not balance"},
		{"json", serve(t, good), []string{"--format", "json"}, 0, []string{`"adds_up":true`}, ""},
		{"at rest", serve(t, good), []string{"--wait", "10s"}, 0, []string{"nothing in flight"}, ""},
		{"never at rest", serve(t, busy), []string{"--wait", "300ms"}, 1, []string{"with packets in flight"}, "still in flight"},
		{"no core", "http://127.0.0.1:1", nil, 1, nil, "start 'netlyra up'"},
		{"another server", serve(t, good) + "/x", nil, 1, nil, "404"},
		{"no address", "localhost", nil, 2, nil, "must be http://HOST:PORT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Main(append([]string{"ledger", "--url", c.url}, c.args...), nil, &out, &errs)
			if code != c.code || !strings.Contains(errs.String(), c.stderr) {
				t.Errorf("exit code %d, want %d: %s", code, c.code, errs.String())
			}
			for _, want := range c.stdout {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is missing in\n%s", want, out.String())
				}
			}
		})
	}
}
