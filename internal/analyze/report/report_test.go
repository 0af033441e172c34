package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC))

// after returns the time that many seconds after noon.
func after(seconds float64) models.Timestamp { return noon + models.Timestamp(seconds*1e9) }

// connections cover each case that the formats must handle.
var connections = []models.Connection{
	{
		ID: "C00000000001", TS: noon, LastTS: after(1.5), SrcIP: "10.0.0.1", SrcPort: 40000, DstIP: "192.0.2.7", DstPort: 443,
		Proto: "TCP", State: "SF", Phase: "closed", History: "ShADadFf", Service: "ssl", OrigPackets: 12, OrigBytes: 800,
		OrigIPBytes: 1424, RespPackets: 20, RespBytes: 25000, RespIPBytes: 26040, Duration: 1.5,
		Community: "1:wCb3OG7yAFWelaUydu0D+125CLM=", SNI: "example.org", JA4: "t13d1516h2_8daaf6152771_b186095e22b6",
	},
	{
		ID: "C00000000002", TS: after(0.25), LastTS: after(0.25), SrcIP: "2001:db8::1", SrcPort: 5353, DstIP: "ff02::fb", DstPort: 5353,
		Proto: "UDP", State: "S0", Phase: "expired", History: "D", Service: "dns", OrigPackets: 1, OrigBytes: 45, OrigIPBytes: 93,
	},
	{
		ID: "C00000000003", TS: after(2), LastTS: after(2.000001), SrcIP: "10.0.0.1", SrcPort: 8, DstIP: "192.0.2.7", DstPort: 0,
		Proto: "ICMP", State: "OTH", Phase: "expired", OrigPackets: 1, OrigBytes: 56, OrigIPBytes: 84, RespPackets: 1, RespBytes: 56,
		RespIPBytes: 84, MissedBytes: 7, Duration: 0.000001, Tunnel: "GRE,VXLAN", Parent: "C00000000001", VLAN: 42, InnerVLAN: 7,
		SNI: "a,\"b\"\nc",
	},
}

var alerts = []*models.Alert{
	{
		ID: "Ab", TS: after(1), LastTS: after(4), SrcIP: "10.0.0.66", DstIP: "192.0.2.7", Proto: "TCP", Score: 0.97, Severity: models.SeverityHigh,
		Count: 1234, Kind: vocabulary.KindPortScan, Technique: "T1046", Features: map[string]float64{"entropy": 0, "packet_rate": 12.5, "byte_rate": 900},
		Summary:    "10.0.0.66 tried about 950 ports of 192.0.2.7 (1204 SYNs in 3.0 s); ports is 950, usually 1 to 4, which is more than a line holds.",
		Evidence:   &models.Evidence{Feature: "ports", Value: 950, Limit: 9, Level: 12, Series: []models.EvidencePoint{{TS: after(1), Value: 9}, {TS: after(4), Value: 950}}},
		Recurrence: &models.Recurrence{Count: 4, First: after(-3600), Every: 1200, Regular: true},
	},
	{
		ID: "Aa", TS: after(2), LastTS: after(2), SrcIP: "10.0.0.1", Proto: "UDP", Score: 1, Severity: models.SeverityCritical, Count: 1,
		Kind: vocabulary.KindUnusual, Summary: "Traffic of 10.0.0.1 is unlike the rest.",
	},
}

var capture = Capture{
	Files: []string{"a.pcap", "b.pcap.gz"}, Frames: 12345, Bytes: 8_000_000, First: noon, Last: after(60), Packets: 12300, Scoring: true,
	Scored: 12250, Skipped: map[string]uint64{vocabulary.DropNotIP: 40, vocabulary.DropTruncatedIP: 5},
	InnerSkipped: map[string]uint64{vocabulary.DropTooManyTunnels: 7},
}

func summed() *Summary {
	var s Summary
	for i := range connections {
		s.Connection(&connections[i])
	}
	return &s
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got); -update rewrites it:\n%s", path, d)
	}
}

func TestFormats(t *testing.T) {
	var asJSON, asCSV, scores, asAlerts bytes.Buffer
	j, c, s := NewNDJSON(&asJSON), NewCSV(&asCSV), NewScores(&scores)
	for i := range connections {
		if err := errors.Join(j.Write(&connections[i]), c.Write(&connections[i])); err != nil {
			t.Fatal(err)
		}
	}
	for i, score := range []float64{-1, 0, 0.25, 1, 0.1234567890123} {
		if err := s.Write(uint64(i+1), after(float64(i)/8), score); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(j.Close(), c.Close(), s.Close(), WriteAlerts(&asAlerts, alerts)); err != nil {
		t.Fatal(err)
	}
	golden(t, "connections.ndjson", asJSON.String())
	golden(t, "connections.csv", asCSV.String())
	golden(t, "scores.csv", scores.String())
	golden(t, "alerts.ndjson", asAlerts.String())
}

func TestTable(t *testing.T) {
	golden(t, "table.txt", summed().Table(&capture, alerts))
	interrupted := capture
	interrupted.Interrupted, interrupted.Scored, interrupted.Packets = true, 0, 40
	golden(t, "table_quiet.txt", (&Summary{}).Table(&interrupted, nil))
	golden(t, "table_empty.txt", (&Summary{}).Table(&Capture{Files: []string{"empty.pcap"}, Scoring: true}, nil))
}

func TestTableIsNoLongerThanTwoScreens(t *testing.T) {
	var s Summary
	var many []*models.Alert
	states := []string{"S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"}
	for i := range 1000 {
		s.Connection(&models.Connection{
			SrcIP: fmt.Sprintf("10.0.%d.%d", i/256, i%256), DstIP: fmt.Sprint("192.0.2.", i%256), Proto: fmt.Sprint("IP-", i%250),
			Service: fmt.Sprint("service", i%50), State: states[i%len(states)], OrigIPBytes: uint64(i),
		})
		a := *alerts[0]
		a.ID = fmt.Sprint(i)
		many = append(many, &a)
	}
	text := s.Table(&capture, many)
	if n := strings.Count(text, "\n"); n > 100 {
		t.Errorf("%d lines", n)
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(line)); n > tableWidth+1 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
}

// The columns of the CSV must be the fields of the JSON.
func TestCSVHasTheFieldsOfTheJSON(t *testing.T) {
	for i := range connections {
		var asCSV bytes.Buffer
		w := NewCSV(&asCSV)
		if err := errors.Join(w.Write(&connections[i]), w.Close()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&asCSV).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for f := range reflect.TypeFor[models.Connection]().Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			want[name] = ""
		}
		var object map[string]any
		d := json.NewDecoder(bytes.NewReader(wire.AppendConnection(nil, &connections[i])))
		d.UseNumber()
		if err := d.Decode(&object); err != nil {
			t.Fatal(err)
		}
		for name, v := range object {
			want[name] = fmt.Sprint(v)
			if name == "duration" {
				want[name] = fmt.Sprint(rows[1][19]) // JSON may have an exponent
			}
		}
		got := map[string]string{}
		for n, name := range rows[0] {
			got[name] = rows[1][n]
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("connection %d (-JSON +CSV):\n%s", i, d)
		}
	}
}

func TestAlertsKeepTheLastRecord(t *testing.T) {
	a, b := NewAlerts(9), NewAlerts(9)
	for _, r := range []*models.Alert{
		{ID: "x", TS: 5, Count: 1, LastTS: 5}, {ID: "x", TS: 5, Count: 9, LastTS: 7, Kind: "last"}, {ID: "x", TS: 5, Count: 4, LastTS: 8},
		{ID: "w", TS: 5, Count: 1}, {ID: "z", TS: 3, Count: 1},
	} {
		a.Add(r)
	}
	b.Add(&models.Alert{ID: "w", TS: 5, Count: 2, LastTS: 6, Kind: "merged"})
	a.Merge(b)
	var got []string
	for _, r := range a.List() {
		got = append(got, r.ID+r.Kind)
	}
	if want := []string{"z", "wmerged", "xlast"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAlertsAreBounded(t *testing.T) {
	const limit = 100
	a := NewAlerts(limit)
	worst := &models.Alert{ID: "worst", TS: -1, Score: 0.99, Count: 2}
	a.Add(worst)
	for i := range 10 * limit {
		a.Add(&models.Alert{ID: fmt.Sprint("A", i), TS: models.Timestamp(i), Score: 0.81, Count: 1})
		if n := len(a.byID); n > limit+limit/4 {
			t.Fatalf("%d alerts in memory", n)
		}
	}
	list := a.List()
	if len(list) != limit || list[0] != worst || !a.Truncated {
		t.Errorf("%d alerts, the first %v, truncated: %v", len(list), list[0], a.Truncated)
	}
	all := NewAlerts(limit)
	all.Merge(a)
	if !all.Truncated {
		t.Error("Merge did not set Truncated")
	}
	c := capture
	c.MoreAlerts = true
	if text := summed().Table(&c, list); !strings.Contains(text, "\nmore than 100 alerts") {
		t.Errorf("the table does not report discarded alerts:\n%s", text)
	}
}

func TestHostsAreBounded(t *testing.T) {
	var s Summary
	heavy := models.Connection{SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP", State: "SF", OrigIPBytes: 1 << 30}
	s.Connection(&heavy)
	for i := range 3 * maxHosts {
		s.Connection(&models.Connection{SrcIP: fmt.Sprint("spoofed", i), DstIP: "10.0.0.2", Proto: "TCP", State: "S0", OrigIPBytes: 40})
		if len(s.hosts) > maxHosts {
			t.Fatalf("%d hosts in memory", len(s.hosts))
		}
	}
	if text := s.Table(&capture, nil); !strings.Contains(text, "10.0.0.1 ") || !strings.Contains(text, "are incomplete") {
		t.Errorf("want the host with the most bytes and a note about evicted hosts:\n%s", text)
	}
}

type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestFullDiskIsAnError(t *testing.T) {
	for name, write := range map[string]func() error{
		"NDJSON": func() error { w := NewNDJSON(&full{}); return errors.Join(w.Write(&connections[0]), w.Close()) },
		"CSV":    func() error { w := NewCSV(&full{}); return errors.Join(w.Write(&connections[0]), w.Close()) },
		"scores": func() error { w := NewScores(&full{}); return errors.Join(w.Write(1, 0, 0), w.Close()) },
		"alerts": func() error { return WriteAlerts(&full{}, alerts) },
	} {
		if err := write(); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWritingAllocatesNothing(t *testing.T) {
	var sink full
	sink.room = 1 << 40
	j, c, s := NewNDJSON(&sink), NewCSV(&sink), NewScores(&sink)
	if n := testing.AllocsPerRun(1000, func() {
		_, _, _ = j.Write(&connections[0]), c.Write(&connections[0]), s.Write(12345, noon, 0.25)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		Number(0): "0", Number(999): "999", Number(1000): "1,000", Number(1234567): "1,234,567", Number(18446744073709551615): "18,446,744,073,709,551,615",
		Bytes(0): "0 B", Bytes(999): "999 B", Bytes(1000): "1.0 kB", Bytes(99_960): "100 kB", Bytes(999_499): "999 kB", Bytes(999_500): "1.0 MB",
		Bytes(18446744073709551615): "18.4 EB", bits(1.5e9): "1.5 Gbit/s",
		percent(0, 5): "0.0 %", percent(1, 5000): "<0.1 %", percent(1, 3): "33.3 %", percent(9999, 10000): "100 %", percent(0, 0): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
