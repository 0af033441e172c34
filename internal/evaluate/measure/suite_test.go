package measure

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

// result returns the result of a capture in which an attack was detected after that many
// seconds.
func result(detected bool, roc, seconds float64, falseAlerts int, above float64) *Result {
	r := &Result{Hours: .5, FalseAlerts: falseAlerts, BenignAbove: Figure(above)}
	r.Ranking = Ranking{ROCAUC: Figure(roc), AveragePrecision: .5, Attacks: 10, Benign: 1000}
	r.Detection = Detection{Detected: detected, AfterPackets: 3, AfterSeconds: Figure(seconds)}
	if !detected {
		r.AfterPackets, r.AfterSeconds = Figure(math.NaN()), Figure(math.NaN())
	}
	return r
}

func suite() *Suite {
	scan := KindOf("scan", []*Result{result(true, .99, 1, 0, 0), result(true, .97, 3, 1, .002), result(false, .9, 0, 0, .001), result(true, .98, 2, 0, 0)})
	return &Suite{Seeds: 4, Kinds: []Kind{scan}, Benign: KindOf("benign", []*Result{result(false, math.NaN(), 0, 1, .001)})}
}

func TestKindOf(t *testing.T) {
	s := suite()
	k := s.Kinds[0]
	if k.Detected != 3 || k.Captures != 4 || k.AfterSeconds.Mean != 2 || math.Abs(float64(k.ROCAUC.Mean)-.96) > 1e-12 ||
		k.Hours != 2 || k.FalseAlertsPerHour != .5 || math.Abs(float64(k.BenignAbove)-.00075) > 1e-12 {
		t.Errorf("%+v", k)
	}
	if all := s.All(); all.Hours != 2.5 || all.FalseAlertsPerHour != .8 || math.Abs(float64(all.BenignAbove)-.0008) > 1e-12 {
		t.Errorf("%+v", all)
	}
	if text := s.String(); !strings.Contains(text, "3 of 4") || !strings.Contains(text, "0.9600") {
		t.Errorf("%s", text)
	}
}

// TestFloors: a suite reaches the floors recorded from it, also after a round trip through
// JSON, and each kind of regression is reported.
func TestFloors(t *testing.T) {
	b, err := json.Marshal(Record(suite()))
	if err != nil {
		t.Fatal(err)
	}
	floors, err := ParseFloors(b, "x.json")
	if err != nil {
		t.Fatal(err)
	}
	if short := floors.Check(suite()); len(short) > 0 {
		t.Errorf("the suite is below its own floors: %q", short)
	}
	missed := result(false, .7, 0, 5, .01)
	for want, spoil := range map[string]func(s *Suite){
		"detected":           func(s *Suite) { s.Kinds[0].Detected = 1 },
		"ROC-AUC":            func(s *Suite) { s.Kinds[0].ROCAUC.Mean = .9 },
		"ROC-AUC -":          func(s *Suite) { s.Kinds[0].ROCAUC.Mean = Figure(math.NaN()) },
		"detected after":     func(s *Suite) { s.Kinds[0].AfterSeconds.Mean = 60 },
		"false alerts":       func(s *Suite) { s.Benign = KindOf("benign", []*Result{missed}) },
		"packets at 0.8":     func(s *Suite) { s.Benign = KindOf("benign", []*Result{missed, missed}) },
		"sweep has no floor": func(s *Suite) { s.Kinds = append(s.Kinds, KindOf("sweep", s.Kinds[0].results)) },
	} {
		s := suite()
		spoil(s)
		if short := floors.Check(s); !slices.ContainsFunc(short, func(x string) bool { return strings.Contains(x, want) }) {
			t.Errorf("want a regression with %q, got %q", want, short)
		}
	}
	if _, err := ParseFloors([]byte(`{"detcted": 1}`), "x.json"); err == nil || !strings.Contains(err.Error(), "x.json") {
		t.Errorf("unknown field: %v", err)
	}
}

// TestDefaultFloors checks the embedded file.
func TestDefaultFloors(t *testing.T) {
	f, err := DefaultFloors()
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range f.Kinds {
		if !(k.Detected >= 0 && k.Detected <= 1 && k.ROCAUC > .5 && k.ROCAUC <= 1) {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if f.Benign.FalseAlertsPerHour <= 0 || f.Benign.BenignAbove <= 0 || len(f.Kinds) == 0 {
		t.Errorf("%+v", f)
	}
}
