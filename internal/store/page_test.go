package store

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

func saveAlerts(t rapid.TB, s *Store, alerts ...models.Alert) {
	t.Helper()
	if err := s.SaveAlerts(context.Background(), alerts); err != nil {
		t.Fatal(err)
	}
}

func saveConnections(t rapid.TB, s *Store, conns ...models.Connection) {
	t.Helper()
	if err := s.SaveConnections(context.Background(), conns); err != nil {
		t.Fatal(err)
	}
}

func alertIDs(p models.Page[models.AlertView]) []string {
	ids := []string{}
	for _, a := range p.Items {
		ids = append(ids, a.ID)
	}
	return ids
}

func ptr[T any](v T) *T { return &v }

func TestAlertFilters(t *testing.T) {
	s := openStore(t, testConfig(t))
	make := func(id string, edit func(*models.Alert)) models.Alert {
		a := storetest.Alert(0)
		a.ID, a.TS, a.LastTS, a.SrcIP, a.DstIP, a.Summary = id, 100, 100, "10.0.0.1", "10.0.0.2", "plain"
		edit(&a)
		return a
	}
	saveAlerts(t, s,
		make("early", func(a *models.Alert) { a.TS = 10 }),
		make("late", func(a *models.Alert) { a.TS, a.Score, a.Severity = 500, .95, models.SeverityCritical }),
		make("six", func(a *models.Alert) { a.TS, a.SrcIP, a.Proto = 200, "2001:db8::5", "UDP" }),
		make("net", func(a *models.Alert) { a.TS, a.DstIP, a.DstPort = 201, "192.168.7.9", 8080 }),
		make("text", func(a *models.Alert) { a.TS, a.Summary, a.Kind = 202, `100% of_it \ here`, "flood" }))
	if _, err := s.Triage(t.Context(), "net", models.Triage{State: ptr(models.TriageMuted)}); err != nil {
		t.Fatal(err)
	}
	f := func(edit func(*models.AlertQuery)) (q models.AlertQuery) { edit(&q); return q }
	for name, c := range map[string]struct {
		q    models.AlertQuery
		want string // ids, newest first
	}{
		"all":           {f(func(*models.AlertQuery) {}), "late text net six early"},
		"since":         {f(func(q *models.AlertQuery) { q.Since = ptr(models.Timestamp(201)) }), "late text net"},
		"until":         {f(func(q *models.AlertQuery) { q.Until = ptr(models.Timestamp(200)) }), "six early"},
		"ip":            {f(func(q *models.AlertQuery) { q.IP = netip.MustParsePrefix("192.168.7.9/32") }), "net"},
		"ip dst":        {f(func(q *models.AlertQuery) { q.IP = netip.MustParsePrefix("10.0.0.2/32") }), "late text six early"},
		"cidr":          {f(func(q *models.AlertQuery) { q.IP = netip.MustParsePrefix("192.168.0.0/16") }), "net"},
		"v6":            {f(func(q *models.AlertQuery) { q.IP = netip.MustParsePrefix("2001:db8::/32") }), "six"},
		"all v4":        {f(func(q *models.AlertQuery) { q.IP = netip.MustParsePrefix("0.0.0.0/0") }), "late text net six early"},
		"all v6":        {f(func(q *models.AlertQuery) { q.IP = netip.MustParsePrefix("::/0") }), "six"},
		"port":          {f(func(q *models.AlertQuery) { q.Port = ptr(uint16(8080)) }), "net"},
		"proto":         {f(func(q *models.AlertQuery) { q.Proto = "udp" }), "six"},
		"score":         {f(func(q *models.AlertQuery) { q.MinScore = ptr(.9) }), "late"},
		"severity":      {f(func(q *models.AlertQuery) { q.Severity = []models.Severity{"critical", "high"} }), "late"},
		"state":         {f(func(q *models.AlertQuery) { q.State = []models.TriageState{"muted"} }), "net"},
		"states":        {f(func(q *models.AlertQuery) { q.State = []models.TriageState{"new", "ack"} }), "late text six early"},
		"kind":          {f(func(q *models.AlertQuery) { q.Kind = []string{"flood"} }), "text"},
		"q":             {f(func(q *models.AlertQuery) { q.Q = "PLAIN" }), "late net six early"},
		"q is literal":  {f(func(q *models.AlertQuery) { q.Q = `0% of_it \ h` }), "text"},
		"q percent":     {f(func(q *models.AlertQuery) { q.Q = `%` }), "text"},
		"both":          {f(func(q *models.AlertQuery) { q.Q, q.Proto = "plain", "UDP" }), "six"},
		"sort":          {f(func(q *models.AlertQuery) { q.Sort = []models.SortKey{{Field: "severity", Desc: true}, {Field: "ts"}} }), "late early six net text"},
		"sort by ip":    {f(func(q *models.AlertQuery) { q.Sort = []models.SortKey{{Field: "dst_ip"}, {Field: "ts"}} }), "early six text late net"},
		"page":          {f(func(q *models.AlertQuery) { q.Limit, q.Page = 2, 2 }), "net six"},
		"page past end": {f(func(q *models.AlertQuery) { q.Limit, q.Page = 2, 9 }), ""},
	} {
		p, err := s.Alerts(t.Context(), c.q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(strings.Fields(c.want), alertIDs(p)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestConnectionsAreOpenByDefault(t *testing.T) {
	s := openStore(t, testConfig(t))
	for i := range 10 {
		saveConnections(t, s, storetest.Connection(i))
	}
	for want, phases := range map[int64][]string{6: nil, 10: {"any"}, 2: {"idle"}, 4: {"closed", "expired"}} {
		p, err := s.Connections(t.Context(), models.ConnectionQuery{Phases: phases})
		if err != nil || p.Total != want || len(p.Items) != int(want) {
			t.Errorf("phases %v: total %d, %d items (%v)", phases, p.Total, len(p.Items), err)
		}
	}
}

func TestInvalidQueries(t *testing.T) {
	s := openStore(t, testConfig(t))
	saveAlerts(t, s, storetest.Alert(1), storetest.Alert(2), storetest.Alert(3))
	first, err := s.Alerts(t.Context(), models.AlertQuery{Paging: models.Paging{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	by := func(f string) []models.SortKey { return []models.SortKey{{Field: f}} }
	for name, c := range map[string]struct {
		q     models.AlertQuery
		field string
	}{
		"sort":         {models.AlertQuery{Paging: models.Paging{Sort: by("summary; DROP TABLE alerts")}}, "sort"},
		"limit":        {models.AlertQuery{Paging: models.Paging{Limit: 501}}, "limit"},
		"negative":     {models.AlertQuery{Paging: models.Paging{Limit: -1}}, "limit"},
		"page":         {models.AlertQuery{Paging: models.Paging{Page: 1 << 60}}, "page"},
		"cursor":       {models.AlertQuery{Paging: models.Paging{Cursor: "x"}}, "cursor"},
		"cursor sort":  {models.AlertQuery{Paging: models.Paging{Cursor: first.NextCursor, Sort: by("score")}}, "cursor"},
		"cursor other": {models.AlertQuery{Paging: models.Paging{Cursor: first.NextCursor}, Filter: models.Filter{Q: "x"}}, "cursor"},
	} {
		_, err := s.Alerts(t.Context(), c.q)
		var bad *models.QueryError
		if !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Following cursors returns every row that existed at the start exactly once and in order,
// with any concurrent inserts. Paging by number without inserts returns the same rows.
func TestCursorsAreStableUnderInserts(t *testing.T) {
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		cfg := DefaultConfig()
		cfg.Path, cfg.CheckFor = filepath.Join(dir, fmt.Sprint(runs), "net.db"), 0
		s, err := Open(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		next := 0
		insert := func(n int) {
			var batch []models.Alert
			for range n {
				a := storetest.Alert(next)
				a.TS = models.Timestamp(rapid.IntRange(0, 6).Draw(t, "ts"))
				a.Score = float64(rapid.IntRange(0, 3).Draw(t, "score")) / 3
				a.SrcIP = fmt.Sprintf("10.0.0.%d", rapid.IntRange(1, 3).Draw(t, "ip"))
				batch, next = append(batch, a), next+1
			}
			saveAlerts(t, s, batch...)
		}
		insert(rapid.IntRange(0, 40).Draw(t, "rows"))
		fields := []string{"ts", "score", "src_ip", "severity", "kind"}
		var q models.AlertQuery
		for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom(fields), 0, 3, rapid.ID).Draw(t, "sort") {
			q.Sort = append(q.Sort, models.SortKey{Field: f, Desc: rapid.Bool().Draw(t, "desc")})
		}
		q.Limit = rapid.IntRange(1, 9).Draw(t, "limit")

		var whole []string
		for q.Page = 1; ; q.Page++ {
			p, err := s.Alerts(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			whole = append(whole, alertIDs(p)...)
			if p.NextCursor == "" {
				break
			}
		}
		if len(whole) != next {
			t.Fatalf("%d rows on all pages, want %d", len(whole), next)
		}
		q.Page = 0
		initial, seen := map[string]bool{}, []string{}
		for _, id := range whole {
			initial[id] = true
		}
		for n := 1; ; n++ {
			p, err := s.Alerts(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			if p.Page != n {
				t.Fatalf("page %d has number %d", n, p.Page)
			}
			seen = append(seen, alertIDs(p)...)
			if q.Cursor = p.NextCursor; q.Cursor == "" {
				break
			}
			insert(rapid.IntRange(0, 5).Draw(t, "more"))
			if next > 300 { // inserts may keep pace with the reader
				break
			}
		}
		if next <= 300 {
			old := slices.DeleteFunc(slices.Clone(seen), func(id string) bool { return !initial[id] })
			if diff := cmp.Diff(whole, old, cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Fatalf("(-at the start +returned)\n%s", diff)
			}
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != len(seen) {
			t.Fatal("a row was returned twice")
		}
	})
}

func TestTriageHistory(t *testing.T) {
	s := openStore(t, testConfig(t))
	saveAlerts(t, s, storetest.Alert(1))
	id := storetest.Alert(1).ID
	steps := []models.Triage{
		{State: ptr(models.TriageAck), Author: "kim"},
		{Note: ptr("the backup")},
		{Note: ptr("the backup")}, // changes nothing
		{State: ptr(models.TriageFalsePositive), Note: ptr("sure")},
	}
	for _, step := range steps {
		if _, err := s.Triage(t.Context(), id, step); err != nil {
			t.Fatal(err)
		}
	}
	d, err := s.Alert(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, e := range d.Triage {
		got += fmt.Sprintf("%s>%s %q %s\n", e.From, e.State, e.Note, e.Author)
		if e.At == 0 {
			t.Error("entry without a time")
		}
	}
	want := "new>ack \"\" kim\nack>ack \"the backup\" \nack>false_positive \"sure\" \n"
	if got != want || d.State != models.TriageFalsePositive || d.Note != "sure" {
		t.Errorf("history\n%s%s %q", got, d.State, d.Note)
	}
	for name, bad := range map[string]models.Triage{
		"nothing": {}, "state": {State: ptr(models.TriageState("x"))}, "note": {Note: ptr(strings.Repeat("n", MaxNote+1))}, "author": {Note: ptr(""), Author: strings.Repeat("a", 101)},
	} {
		var q *models.QueryError
		if _, err := s.Triage(t.Context(), id, bad); !errors.As(err, &q) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Triage(t.Context(), "none", steps[0]); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("unknown alert: %v", err)
	}
}
