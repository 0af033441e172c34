package sensor

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// timed returns a source with frames at these times.
func timed(times []models.Timestamp, drops uint64) *script {
	s := &script{end: io.EOF}
	for _, ts := range times {
		s.steps = append(s.steps, step{frame: models.Frame{TS: ts}, drops: drops})
	}
	return s
}

// TestRepeatKeepsIntervals: each round has the frames and the intervals of the first, begins
// roundGap after the latest frame of the round before, and statistics add up.
func TestRepeatKeepsIntervals(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 3))
		times := make([]models.Timestamp, 1+random.IntN(20))
		for i := range times { // captures are not always in order
			times[i] = 1e18 + models.Timestamp(random.Int64N(1e10))
		}
		first, last := times[0], times[0]
		for _, ts := range times {
			first, last = min(first, ts), max(last, ts)
		}
		var opened []*script
		src, err := Repeat(func() (capture.Source, error) {
			opened = append(opened, timed(times, 3))
			return opened[len(opened)-1], nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var f models.Frame
		for round := range models.Timestamp(4) {
			for i, ts := range times {
				if err := src.Next(&f); err != nil {
					t.Fatalf("seed %d, round %d: %v", seed, round, err)
				}
				if want := ts + round*(last-first+roundGap); f.TS != want {
					t.Fatalf("seed %d, round %d, frame %d: time %d, want %d", seed, round, i, f.TS, want)
				}
			}
		}
		if got := src.Stats().Dropped; got != 4*3 {
			t.Errorf("seed %d: %d drops in four rounds", seed, got)
		}
		for i, s := range opened[:len(opened)-1] {
			if s.closed != 1 {
				t.Errorf("seed %d: round %d was closed %d times", seed, i, s.closed)
			}
		}
		if err := src.Close(); err != nil || opened[len(opened)-1].closed != 1 {
			t.Errorf("seed %d: the last round stays open: %v", seed, err)
		}
	}
}

// TestRepeatEnds with an empty round, an error of a round, or one of opening the next.
func TestRepeatEnds(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name   string
		rounds []func() (capture.Source, error)
		frames int
		err    error
	}{
		{"empty capture", []func() (capture.Source, error){
			func() (capture.Source, error) { return timed(nil, 0), nil },
		}, 0, io.EOF},
		{"empty at the second round", []func() (capture.Source, error){
			func() (capture.Source, error) { return timed([]models.Timestamp{1, 2}, 0), nil },
			func() (capture.Source, error) { return timed(nil, 0), nil },
		}, 2, io.EOF},
		{"cannot be opened again", []func() (capture.Source, error){
			func() (capture.Source, error) { return timed([]models.Timestamp{1}, 0), nil },
			func() (capture.Source, error) { return nil, broken },
		}, 1, broken},
		{"damaged", []func() (capture.Source, error){
			func() (capture.Source, error) { return &script{steps: make([]step, 3), end: broken}, nil },
		}, 3, broken},
	} {
		round := 0
		src, err := Repeat(func() (capture.Source, error) { round++; return c.rounds[round-1]() })
		if err != nil {
			t.Fatal(err)
		}
		frames := 0
		var f models.Frame
		for err == nil {
			if err = src.Next(&f); err == nil {
				frames++
			}
		}
		if frames != c.frames || !errors.Is(err, c.err) {
			t.Errorf("%s: %d frames, %v; want %d, %v", c.name, frames, err, c.frames, c.err)
		}
	}
	if _, err := Repeat(func() (capture.Source, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("a file that cannot be opened: %v", err)
	}
}

// TestRebasedStartsAtItsTime and keeps the intervals, also to earlier frames.
func TestRebasedStartsAtItsTime(t *testing.T) {
	src := &rebased{Source: timed([]models.Timestamp{500, 700, 400}, 0), start: 10_000}
	var f models.Frame
	for _, want := range []models.Timestamp{10_000, 10_200, 9_900} {
		if err := src.Next(&f); err != nil || f.TS != want {
			t.Errorf("time %d, %v; want %d", f.TS, err, want)
		}
	}
	if err := src.Next(&f); !errors.Is(err, io.EOF) {
		t.Errorf("end: %v", err)
	}
}

// TestStatsAdd by reason, without changing their summands.
func TestStatsAdd(t *testing.T) {
	a := capture.Stats{Received: 1, Dropped: 2, ByReason: map[string]uint64{"x": 1, "y": 2}}
	b := capture.Stats{Received: 10, Dropped: 20, ByReason: map[string]uint64{"y": 20, "z": 30}}
	sum := addStats(a, b)
	if sum.Received != 11 || sum.Dropped != 22 || len(sum.ByReason) != 3 || sum.ByReason["x"] != 1 || sum.ByReason["y"] != 22 || sum.ByReason["z"] != 30 {
		t.Errorf("got %+v", sum)
	}
	if a.ByReason["y"] != 2 || b.ByReason["y"] != 20 {
		t.Errorf("changed %+v, %+v", a, b)
	}
	if addStats(capture.Stats{}, capture.Stats{}).ByReason != nil {
		t.Error("no reasons are a map")
	}
}

// TestInputs: which source an Input opens, and at which pace.
func TestInputs(t *testing.T) {
	src := timed(nil, 0)
	missing := filepath.Join(t.TempDir(), "missing.pcap")
	notCapture := filepath.Join(t.TempDir(), "text.pcap")
	if err := os.WriteFile(notCapture, []byte("text that is not a capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	pace := Pace{Speed: 4}
	for _, c := range []struct {
		name string
		in   Input
		none bool
		pace Pace
		live bool
		fail bool
	}{
		{name: "none", in: Input{}, none: true, pace: Pace{Speed: 1}},
		{name: "demo", in: Input{Demo: true, Pace: pace}, pace: Pace{Speed: 1}}, // the demo is in real time
		{name: "given source", in: Input{Source: src, Iface: "eth0", Pace: pace}, pace: pace},
		{name: "missing file", in: Input{Files: []string{missing}}, fail: true},
		{name: "missing file, sorted", in: Input{Files: []string{missing}, Sort: true}, fail: true},
		{name: "missing file, repeated", in: Input{Files: []string{missing}, Loop: true, RebaseNow: true}, fail: true},
		{name: "not a capture", in: Input{Files: []string{notCapture}}, fail: true},
		{name: "missing interface", in: Input{Iface: "nosuch0"}, live: true, fail: true},
	} {
		cfg := Config{Live: true, Pace: Pace{Rate: 9}}
		err := c.in.Open(capture.DefaultOptions(), &cfg)
		if (err != nil) != c.fail || c.in.None() != c.none || cfg.Live != c.live {
			t.Errorf("%s: %v, none %v, live %v", c.name, err, c.in.None(), cfg.Live)
		}
		if !c.fail && cfg.Pace != c.pace {
			t.Errorf("%s: pace %+v, want %+v", c.name, cfg.Pace, c.pace)
		}
		if c.in.Describe() == "" {
			t.Errorf("%s: no description", c.name)
		}
		if cfg.Source != nil && err == nil {
			_ = cfg.Source.Close()
		}
	}
}
