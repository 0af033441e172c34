package measure

import (
	"bytes"
	_ "embed" // for floors.json
	"encoding/json"
	"fmt"
	"math"
)

// Floors are the minimum results of a suite: measured results minus a
// margin. A change that falls below them is a regression of detection.
type Floors struct {
	About  string           `json:"about"`
	Seeds  int              `json:"seeds"` // used in the measurement, from 1
	Kinds  map[string]Floor `json:"kinds"`
	Benign Ceiling          `json:"benign"` // over all captures
}

// Floor is the minimum for one kind of attack.
type Floor struct {
	Detected     float64 `json:"detected"`               // share of the captures
	ROCAUC       float64 `json:"roc_auc"`                // mean
	AfterSeconds float64 `json:"detected_after_seconds"` // mean, at most
}

// Ceiling is the maximum for benign traffic.
type Ceiling struct {
	FalseAlertsPerHour float64 `json:"false_alerts_per_hour"`
	BenignAbove        float64 `json:"benign_above"`
}

//go:embed floors.json
var floorsFile []byte

// DefaultFloors returns the embedded floors.
func DefaultFloors() (*Floors, error) { return ParseFloors(floorsFile, "floors.json") }

// ParseFloors parses floors from JSON. name is the file name for errors.
func ParseFloors(b []byte, name string) (*Floors, error) {
	f := &Floors{}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(f); err != nil {
		return nil, fmt.Errorf("floors %s: %w", name, err)
	}
	return f, nil
}

// Check returns the figures of the suite that violate the floors.
func (f *Floors) Check(s *Suite) (short []string) {
	bad := func(format string, args ...any) { short = append(short, fmt.Sprintf(format, args...)) }
	for _, k := range s.Kinds {
		floor, ok := f.Kinds[k.Name]
		if !ok {
			bad("%s has no floor: record it", k.Name)
			continue
		}
		if share := float64(k.Detected) / float64(k.Captures); share < floor.Detected {
			bad("%s: %.2f of the captures detected, want %.2f", k.Name, share, floor.Detected)
		}
		if !atLeast(k.ROCAUC.Mean, floor.ROCAUC) {
			bad("%s: ROC-AUC %s, want %.4f", k.Name, k.ROCAUC.Mean.Text(4), floor.ROCAUC)
		}
		if floor.Detected > 0 && !atMost(k.AfterSeconds.Mean, floor.AfterSeconds) {
			bad("%s: detected after %s s, want %.1f", k.Name, k.AfterSeconds.Mean.Text(1), floor.AfterSeconds)
		}
	}
	all := s.All()
	if !atMost(all.FalseAlertsPerHour, f.Benign.FalseAlertsPerHour) {
		bad("%s false alerts an hour, want %.2f", all.FalseAlertsPerHour.Text(2), f.Benign.FalseAlertsPerHour)
	}
	if !atMost(all.BenignAbove, f.Benign.BenignAbove) {
		bad("%s of the benign packets at %v or above, want %.1e", scientific(all.BenignAbove), Calibrated, f.Benign.BenignAbove)
	}
	return short
}

// Margins between measured results and floors.
const (
	marginDetected = 0.2  // share of the captures
	marginROC      = 0.02 // of the mean
	marginTimes    = 2.0  // factor of the delay, plus
	marginSeconds  = 1.0  // seconds
	marginFalse    = 0.5  // per hour
	marginBenign   = 2.0  // factor
)

const aboutFloors = "What `netlyra eval suite` must reach: measured, less a margin (see docs/evaluation.md). Written by --record."

// Record returns floors derived from the results of a suite.
func Record(s *Suite) *Floors {
	f := &Floors{About: aboutFloors, Seeds: s.Seeds, Kinds: map[string]Floor{}}
	round := func(v, parts float64) float64 { return math.Round(v*parts) / parts }
	for _, k := range s.Kinds {
		share := float64(k.Detected) / float64(k.Captures)
		floor := Floor{Detected: round(max(share-marginDetected, 0), 100), ROCAUC: round(max(float64(k.ROCAUC.Mean)-marginROC, 0), 1e4)}
		if k.AfterSeconds.Mean.Known() {
			floor.AfterSeconds = round(float64(k.AfterSeconds.Mean)*marginTimes+marginSeconds, 10)
		}
		f.Kinds[k.Name] = floor
	}
	all := s.All()
	f.Benign.FalseAlertsPerHour = round(float64(all.FalseAlertsPerHour)+marginFalse, 100)
	f.Benign.BenignAbove = max(round(float64(all.BenignAbove)*marginBenign, 1e6), 3e-4)
	return f
}
