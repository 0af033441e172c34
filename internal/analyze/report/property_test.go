package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
)

// randomText draws text with characters that CSV and JSON escape.
func randomText(rnd *rand.Rand) string {
	alphabet := []string{"a", "B", "7", " ", ",", "\"", "\n", ";", "\t", "é", "漢", "'", "\\", "<", "&", "="}
	var b strings.Builder
	for range rnd.IntN(12) {
		b.WriteString(alphabet[rnd.IntN(len(alphabet))])
	}
	return b.String()
}

// randomConnection draws a connection with values in all fields, including the largest ones.
func randomConnection(rnd *rand.Rand) models.Connection {
	n := func() uint64 { return rnd.Uint64() >> rnd.IntN(64) }
	ts := models.TimestampOf(time.Unix(rnd.Int64N(4e9), rnd.Int64N(1e9)))
	return models.Connection{
		ID: randomText(rnd), TS: ts, LastTS: ts + models.Timestamp(rnd.Int64N(1e15)), SrcIP: "2001:db8::" + strconv.FormatUint(uint64(rnd.IntN(9999)), 10),
		DstIP: fmt.Sprintf("10.0.%d.%d", rnd.IntN(256), rnd.IntN(256)), SrcPort: uint16(n()), DstPort: uint16(n()), Proto: randomText(rnd), State: randomText(rnd),
		Phase: randomText(rnd), History: randomText(rnd), Service: randomText(rnd), OrigPackets: n(), OrigBytes: n(), OrigIPBytes: n(), RespPackets: n(),
		RespBytes: n(), RespIPBytes: n(), MissedBytes: n(), Duration: rnd.Float64() * math.Pow(10, float64(rnd.IntN(12)-6)), Tunnel: randomText(rnd),
		Parent: randomText(rnd), VLAN: uint16(n()), InnerVLAN: uint16(n()), Community: randomText(rnd), SNI: randomText(rnd), JA4: randomText(rnd),
	}
}

// writeRandom writes random connections, closes w and returns the connections.
func writeRandom(t *testing.T, w interface {
	Write(c *models.Connection) error
	Close() error
}, seed uint64) (list []models.Connection) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, seed))
	for range 500 {
		c := randomConnection(rnd)
		list = append(list, c)
		if err := w.Write(&c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCSVRoundTrip reads random connections with the reader of the standard library: every text
// and number is the original one.
func TestCSVRoundTrip(t *testing.T) {
	var out bytes.Buffer
	list := writeRandom(t, NewCSV(&out), 1)
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != len(list)+1 {
		t.Fatalf("%d rows of %d: %v", len(rows), len(list)+1, err)
	}
	for i, row := range rows[1:] {
		c := list[i]
		tag := func(v uint16) string {
			if v == 0 {
				return ""
			}
			return fmt.Sprint(v)
		}
		rfc := func(ts models.Timestamp) string { return ts.Time().UTC().Format(time.RFC3339Nano) }
		want := []string{c.ID, rfc(c.TS), rfc(c.LastTS), c.SrcIP, fmt.Sprint(c.SrcPort), c.DstIP, fmt.Sprint(c.DstPort), c.Proto, c.State, c.Phase, c.History, c.Service,
			fmt.Sprint(c.OrigPackets), fmt.Sprint(c.OrigBytes), fmt.Sprint(c.OrigIPBytes), fmt.Sprint(c.RespPackets), fmt.Sprint(c.RespBytes), fmt.Sprint(c.RespIPBytes),
			fmt.Sprint(c.MissedBytes), strconv.FormatFloat(c.Duration, 'f', -1, 64), c.Tunnel, c.Parent, tag(c.VLAN), tag(c.InnerVLAN), c.Community, c.SNI, c.JA4}
		for n := range want {
			if n == 1 || n == 2 { // times may have trailing zeros
				a, errA := time.Parse(time.RFC3339Nano, row[n])
				b, errB := time.Parse(time.RFC3339Nano, want[n])
				if errA != nil || errB != nil || !a.Equal(b) {
					t.Fatalf("row %d: %s is %q, want %q", i, rows[0][n], row[n], want[n])
				}
			} else if row[n] != want[n] {
				t.Fatalf("row %d: %s is %q, want %q", i, rows[0][n], row[n], want[n])
			}
		}
	}
}

// TestNDJSONRoundTrip: each connection is one line, which is read as the original.
func TestNDJSONRoundTrip(t *testing.T) {
	var out bytes.Buffer
	list := writeRandom(t, NewNDJSON(&out), 2)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(list) {
		t.Fatalf("%d lines, want %d", len(lines), len(list))
	}
	for i, line := range lines {
		var c models.Connection
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatalf("line %d: %v\n%s", i, err, line)
		}
		if d := cmp.Diff(list[i], c); d != "" {
			t.Fatalf("line %d: %s", i, d)
		}
	}
}

// TestScoresRoundTrip: scores keep all their digits; a frame without a score has an empty field.
func TestScoresRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 3))
	var out bytes.Buffer
	w := NewScores(&out)
	scores := []float64{0, 1, -1, 1e-9, 0.1, math.SmallestNonzeroFloat64}
	for range 200 {
		scores = append(scores, rnd.Float64())
	}
	for i, s := range scores {
		if err := w.Write(uint64(i+1), noon+models.Timestamp(i), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != len(scores)+1 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, s := range scores {
		row := rows[i+1]
		got, err := strconv.ParseFloat(row[2], 64)
		if row[0] != fmt.Sprint(i+1) || s >= 0 && (err != nil || got != s) || s < 0 && row[2] != "" || strings.Contains(row[2], "e") {
			t.Errorf("row %q of the score %v", row, s)
		}
	}
}

// failing fails at the n-th write.
type failing struct{ n int }

var errWrite = errors.New("write failed")

func (f *failing) Write(b []byte) (int, error) {
	if f.n--; f.n < 0 {
		return 0, errWrite
	}
	return len(b), nil
}

// TestEveryWriteErrorIsReturned fails at each write of a long output: an error is returned by
// Write or by Close.
func TestEveryWriteErrorIsReturned(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 4))
	c := randomConnection(rnd)
	for name, write := range map[string]func(w io.Writer) error{
		"NDJSON": func(w io.Writer) error {
			n := NewNDJSON(w)
			for range 2000 {
				if err := n.Write(&c); err != nil {
					return err
				}
			}
			return n.Close()
		},
		"CSV": func(w io.Writer) error {
			n := NewCSV(w)
			for range 2000 {
				if err := n.Write(&c); err != nil {
					return err
				}
			}
			return n.Close()
		},
		"scores": func(w io.Writer) error {
			n := NewScores(w)
			for i := range uint64(9000) {
				if err := n.Write(i, noon, 0.123456789); err != nil {
					return err
				}
			}
			return n.Close()
		},
		"alerts": func(w io.Writer) error { return WriteAlerts(w, slices.Repeat(alerts, 500)) },
	} {
		count := &failing{n: math.MaxInt}
		if err := write(count); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		writes := math.MaxInt - count.n
		if writes < 3 {
			t.Errorf("%s: only %d writes", name, writes)
		}
		for n := range writes {
			if err := write(&failing{n: n}); !errors.Is(err, errWrite) {
				t.Errorf("%s: write %d of %d fails, error %v", name, n+1, writes, err)
			}
		}
	}
}

// TestNumberIsTheNumber removes the commas of random numbers and checks their places.
func TestNumberIsTheNumber(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 5))
	for range 5000 {
		n := rnd.Uint64() >> rnd.IntN(64)
		text := Number(n)
		if strings.ReplaceAll(text, ",", "") != fmt.Sprint(n) {
			t.Fatalf("%d is %q", n, text)
		}
		for i, group := range strings.Split(text, ",") {
			if len(group) != 3 && i > 0 || len(group) == 0 || len(group) > 3 {
				t.Fatalf("%d is %q", n, text)
			}
		}
	}
}

// TestBytesArePrecise: the text of a size has the magnitude of the size, is within 6 % of it, and
// is short.
func TestBytesArePrecise(t *testing.T) {
	units := map[string]float64{"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15, "EB": 1e18}
	rnd := rand.New(rand.NewPCG(1, 6))
	for range 5000 {
		n := rnd.Uint64() >> rnd.IntN(64)
		number, unit, _ := strings.Cut(Bytes(n), " ")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || units[unit] == 0 || len(number) > 4 || v >= 1000 || v < 1 && unit != "B" {
			t.Fatalf("%d bytes are %q", n, Bytes(n))
		}
		if got := v * units[unit]; math.Abs(got-float64(n)) > 0.06*float64(n) {
			t.Fatalf("%d bytes are %q", n, Bytes(n))
		}
	}
}

// TestShares: shares of a total are between 0 and 100 %, and only 0 and the total look like 0 %
// and 100 %, apart from rounding.
func TestShares(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 7))
	for range 5000 {
		total := 1 + rnd.Uint64N(1<<40)
		n := rnd.Uint64N(total + 1)
		text := percent(n, total)
		v, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSuffix(text, " %"), "<"), 64)
		if err != nil || math.Abs(v-100*float64(n)/float64(total)) > 0.1 {
			t.Fatalf("%d of %d is %q", n, total, text)
		}
		if n > 0 && text == "0.0 %" || n == 0 && text != "0.0 %" {
			t.Fatalf("%d of %d is %q", n, total, text)
		}
	}
}

// TestWrapped: no word is lost or split, every line is indented, and no line that has several
// words is too wide.
func TestWrapped(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 8))
	for range 2000 {
		words := make([]string, rnd.IntN(40))
		for i := range words {
			words[i] = strings.Repeat([]string{"a", "é", "漢"}[rnd.IntN(3)], 1+rnd.IntN(14))
		}
		width, indent := 20+rnd.IntN(80), strings.Repeat(" ", rnd.IntN(13))
		text := wrapped(strings.Join(words, "  "), indent, width)
		if got := strings.Fields(text); !slices.Equal(got, words) && len(words) > 0 {
			t.Fatalf("words %q became %q", words, got)
		}
		if len(words) == 0 && text != "" || len(words) > 0 && !strings.HasSuffix(text, "\n") {
			t.Fatalf("%d words are %q", len(words), text)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, indent) || utf8.RuneCountInString(line) > width && len(strings.Fields(line)) > 1 {
				t.Fatalf("width %d, indent %d: line %q", width, len(indent), line)
			}
		}
	}
}

// TestSummaryConserves: the sums over hosts, protocols, services and states are those of the
// connections.
func TestSummaryConserves(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		var s Summary
		var connections, packets, total, services uint64
		for range 300 {
			c := models.Connection{SrcIP: fmt.Sprint("10.0.0.", rnd.IntN(9)), DstIP: fmt.Sprint("10.0.0.", rnd.IntN(9)), Proto: []string{"TCP", "UDP"}[rnd.IntN(2)],
				Service: []string{"", "dns", "ssl"}[rnd.IntN(3)], State: []string{"SF", "S0", "REJ"}[rnd.IntN(3)], OrigPackets: rnd.Uint64N(1000), RespPackets: rnd.Uint64N(1000),
				OrigIPBytes: rnd.Uint64N(1e6), RespIPBytes: rnd.Uint64N(1e6)}
			s.Connection(&c)
			connections, packets, total = connections+1, packets+c.OrigPackets+c.RespPackets, total+c.OrigIPBytes+c.RespIPBytes
			if c.Service != "" {
				services++
			}
		}
		sum := func(m map[string]*volume) (v volume) {
			for _, one := range m {
				v.connections, v.packets, v.out, v.in = v.connections+one.connections, v.packets+one.packets, v.out+one.out, v.in+one.in
			}
			return v
		}
		if p := sum(s.protocols); p.connections != connections || p.packets != packets || p.bytes() != total {
			t.Errorf("seed %d: protocols sum up to %+v, want %d connections, %d packets, %d bytes", seed, p, connections, packets, total)
		}
		if n := sum(s.services).connections; n != services {
			t.Errorf("seed %d: services sum up to %d connections, want %d", seed, n, services)
		}
		states := uint64(0)
		for _, n := range s.states {
			states += n
		}
		if states != connections {
			t.Errorf("seed %d: states sum up to %d connections, want %d", seed, states, connections)
		}
		if list := largest(s.hosts); !slices.IsSortedFunc(list, func(a, b *volume) int { return int(b.bytes()) - int(a.bytes()) }) {
			t.Errorf("seed %d: hosts are not sorted by their bytes", seed)
		}
	}
}

// TestAlertsInAnyOrder: the list does not depend on the order in which records are added, nor on
// how they are distributed over several lists that are merged.
func TestAlertsInAnyOrder(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 10))
		var records []*models.Alert
		for i := range 60 {
			for count := range 1 + rnd.IntN(4) {
				records = append(records, &models.Alert{ID: fmt.Sprint("A", i), TS: models.Timestamp(i / 3), LastTS: models.Timestamp(i + count), Count: uint64(count + 1), Score: float64(i%7) / 7})
			}
		}
		var want []*models.Alert
		for round := range 4 {
			rnd.Shuffle(len(records), func(a, b int) { records[a], records[b] = records[b], records[a] })
			parts := []*Alerts{NewAlerts(1000), NewAlerts(1000), NewAlerts(1000)}
			for _, r := range records {
				c := *r
				parts[rnd.IntN(1+round%3)].Add(&c)
			}
			parts[0].Merge(parts[1])
			parts[0].Merge(parts[2])
			got := parts[0].List()
			if round == 0 {
				want = got
			}
			if d := cmp.Diff(want, got); d != "" || len(got) != 60 {
				t.Fatalf("seed %d, round %d: %d alerts\n%s", seed, round, len(got), d)
			}
		}
	}
}
