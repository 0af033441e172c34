package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// randomSuite draws results of several kinds.
func randomSuite(rnd *rand.Rand) *Suite {
	one := func(attack bool) *Result {
		roc := math.NaN()
		if attack {
			roc = 0.5 + rnd.Float64()/2
		}
		return result(attack && rnd.IntN(4) > 0, roc, 60*rnd.Float64(), rnd.IntN(3), rnd.Float64()*1e-3)
	}
	s := &Suite{Seeds: 1 + rnd.IntN(5)}
	for i := range 1 + rnd.IntN(4) {
		var list []*Result
		for range s.Seeds {
			list = append(list, one(true))
		}
		s.Kinds = append(s.Kinds, KindOf(fmt.Sprint("kind", i), list))
	}
	var alone []*Result
	for range s.Seeds {
		alone = append(alone, one(false))
	}
	s.Benign = KindOf("benign", alone)
	return s
}

// TestRecordedFloorsHold: every suite reaches the floors that are recorded from it, also after
// a round trip through JSON.
func TestRecordedFloorsHold(t *testing.T) {
	for seed := range uint64(200) {
		s := randomSuite(rand.New(rand.NewPCG(seed, 6)))
		f := Record(s)
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseFloors(b, "again")
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Fatalf("seed %d: %v; floors %+v, read %+v", seed, err, f, again)
		}
		if short := again.Check(s); len(short) > 0 {
			t.Fatalf("seed %d: the suite does not reach its own floors: %q", seed, short)
		}
	}
}

// TestEachFloorIsChecked worsens one figure at a time and expects exactly one regression.
func TestEachFloorIsChecked(t *testing.T) {
	unknown := Figure(math.NaN())
	for name, worsen := range map[string]func(s *Suite, f *Floors){
		"no floor":        func(_ *Suite, f *Floors) { delete(f.Kinds, "scan") },
		"detected":        func(s *Suite, _ *Floors) { s.Kinds[0].Detected = 2 },
		"ROC-AUC":         func(s *Suite, _ *Floors) { s.Kinds[0].ROCAUC.Mean -= 0.0201 },
		"ROC-AUC unknown": func(s *Suite, _ *Floors) { s.Kinds[0].ROCAUC.Mean = unknown },
		"delay":           func(s *Suite, _ *Floors) { s.Kinds[0].AfterSeconds.Mean = 5.01 },
		"delay unknown":   func(s *Suite, _ *Floors) { s.Kinds[0].AfterSeconds.Mean = unknown },
		"false alerts":    func(_ *Suite, f *Floors) { f.Benign.FalseAlertsPerHour = 0.79 },
		"benign packets":  func(_ *Suite, f *Floors) { f.Benign.BenignAbove = 0.00079 },
	} {
		s := suite()
		f := Record(s)
		if short := f.Check(s); len(short) != 0 {
			t.Fatalf("unchanged suite: %q", short)
		}
		worsen(s, f)
		if short := f.Check(s); len(short) != 1 {
			t.Errorf("%s: regressions %q, want one", name, short)
		}
	}
}

// TestFloorOfUndetectedKind: a kind that is not expected to be detected has no limit of the
// delay.
func TestFloorOfUndetectedKind(t *testing.T) {
	list := []*Result{result(false, .6, 0, 0, 0), result(false, .7, 0, 0, 0)}
	s := &Suite{Seeds: 2, Kinds: []Kind{KindOf("slow", list)}, Benign: KindOf("benign", []*Result{result(false, math.NaN(), 0, 0, 0)})}
	f := Record(s)
	if floor := f.Kinds["slow"]; floor.Detected != 0 || floor.AfterSeconds != 0 {
		t.Errorf("floor %+v, want no detection", floor)
	}
	if short := f.Check(s); len(short) > 0 {
		t.Errorf("regressions %q", short)
	}
}

func TestParseFloorsErrors(t *testing.T) {
	for _, text := range []string{"", "[]", `{"seeds":"1"}`, `{"kind":{}}`, `{"kinds":{"a":{"detect":1}}}`, `{"benign":{"false_alerts":1}}`, `{"seeds":1`} {
		if f, err := ParseFloors([]byte(text), "f.json"); err == nil || !strings.Contains(err.Error(), "floors f.json") {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
}

// TestKindOfPoolsPackets: the share of benign packets is that of all packets together, not the
// mean of the captures' shares, and captures without benign packets have no effect.
func TestKindOfPoolsPackets(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for i := range 100 {
		var list []*Result
		above, benign, hours, alerts := 0, 0, 0.0, 0
		for range 1 + rnd.IntN(6) {
			r := &Result{Hours: rnd.Float64() + .1, FalseAlerts: rnd.IntN(4), BenignAbove: Figure(math.NaN())}
			if r.Benign = rnd.IntN(2) * rnd.IntN(5000); r.Benign > 0 {
				a := rnd.IntN(r.Benign)
				r.BenignAbove = Figure(float64(a) / float64(r.Benign))
				above, benign = above+a, benign+r.Benign
			}
			hours, alerts = hours+r.Hours, alerts+r.FalseAlerts
			list = append(list, r)
		}
		k := KindOf("any", list)
		if want := float64(above) / float64(benign); benign > 0 && !near(float64(k.BenignAbove), want) || benign == 0 && k.BenignAbove.Known() {
			t.Fatalf("captures %d: %v of the benign packets, want %v", i, k.BenignAbove, want)
		}
		if !near(float64(k.FalseAlertsPerHour), float64(alerts)/hours) {
			t.Fatalf("captures %d: %v false alerts per hour, want %v", i, k.FalseAlertsPerHour, float64(alerts)/hours)
		}
	}
}

// TestSuiteText: one row for each kind, one for benign traffic and one for all; no figure of
// detection where there was no attack.
func TestSuiteText(t *testing.T) {
	s := suite()
	s.Regressions = []string{"scan: 0.50 of the captures detected"}
	lines := strings.Split(strings.TrimSpace(s.String()), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines, want 5:\n%s", len(lines), s)
	}
	for i, first := range []string{"ATTACK", "scan", "benign", "all"} {
		if !strings.HasPrefix(lines[i], first+" ") {
			t.Errorf("line %d is %q, want that of %s", i, lines[i], first)
		}
	}
	if strings.Contains(lines[2], " of ") || strings.Contains(lines[3], " of ") || !strings.Contains(lines[4], s.Regressions[0]) {
		t.Errorf("text is\n%s", s)
	}
	for _, line := range lines[1:4] {
		if strings.Contains(line, "NaN") || strings.Contains(line, "Inf") {
			t.Errorf("line %q", line)
		}
	}
}
