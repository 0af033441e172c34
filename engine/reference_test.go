package engine

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/models"
)

// scaled returns the built-in reference with larger values.
func scaled(by float64) *reference.Reference {
	r := reference.Builtin()
	for b := range r.Values {
		for i := range r.Values[b] {
			r.Values[b][i] *= by
		}
	}
	return r
}

// demoPackets returns packets of the demo with its attacks.
func demoPackets(t *testing.T, length time.Duration) []models.PacketMeta {
	t.Helper()
	cfg := demo.DefaultConfig()
	cfg.Duration, cfg.Quiet = length, 4*time.Second
	list, _ := played(t, cfg)
	return list
}

// alertsWith returns how many alerts the demo's attacks raise with a reference.
func alertsWith(t *testing.T, r *reference.Reference) int {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Reference = r
	ids := map[string]bool{}
	p, err := NewPipeline(cfg, 0, func(a *models.Alert) { ids[a.ID] = true })
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range demoPackets(t, time.Minute) {
		p.Packet(&m)
	}
	return len(ids)
}

// TestConfiguredReferenceIsUsed: with a reference of a thousandfold values nothing is
// improbable; nil and a copy of the built-in one are the same.
func TestConfiguredReferenceIsUsed(t *testing.T) {
	builtin, same, quiet := alertsWith(t, nil), alertsWith(t, reference.Builtin()), alertsWith(t, scaled(1000))
	if builtin == 0 || same != builtin || quiet != 0 {
		t.Errorf("%d alerts with nil, %d with the built-in reference, %d with thousandfold values", builtin, same, quiet)
	}
}

// TestStateFitsAnotherReference: a pipeline with another reference restores a snapshot, keeps
// what was learned, and applies its own reference. The same state is written again.
func TestStateFitsAnotherReference(t *testing.T) {
	p, err := NewPipeline(DefaultConfig(), 0, func(*models.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range demoPackets(t, 30*time.Second) {
		p.Packet(&m)
	}
	state := p.AppendState(nil)
	cfg := DefaultConfig()
	cfg.Reference = scaled(2)
	q, err := NewPipeline(cfg, 0, func(*models.Alert) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Restore(state); err != nil {
		t.Fatal(err)
	}
	if q.behave.seen != p.behave.seen || q.Status() != p.Status() {
		t.Error("the restored model has learned something else")
	}
	if string(q.AppendState(nil)) != string(state) {
		t.Error("the state depends on the reference")
	}
	if q.behave.limits != cfg.Reference {
		t.Error("the restored pipeline has the reference of the saved one")
	}
	if a, b := p.behave.limit(features.ProbedPorts, 4), q.behave.limit(features.ProbedPorts, 4); b <= a {
		t.Errorf("limit %v with doubled values, %v before", b, a)
	}
	if q.Restore(state[:len(state)-1]) == nil || q.behave.limits != cfg.Reference {
		t.Error("a failed restore keeps the configured reference")
	}
}

// TestPeaksAreObserved: the observed changes add up to the highest value of each subject and
// minute, for peaks that have ended and those that have not; neither with nor without an
// observer is memory allocated.
func TestPeaksAreObserved(t *testing.T) {
	b := newBehaviors(DefaultConfig())
	open := map[float32]int{}
	b.observe = func(of features.Behavior, before, after features.Peak) {
		if of != features.Calls {
			t.Errorf("observed %v", of)
		}
		if before.Minute == after.Minute {
			open[before.Max]--
		}
		open[after.Max]++
	}
	var x, y features.Peak
	for _, c := range []struct {
		peak  *features.Peak
		at    models.Timestamp
		value float64
	}{{&x, 60, 0}, {&x, 61, 3}, {&x, 62, 1}, {&x, 119, 6}, {&x, 120, 1}, {&y, 60, 3}, {&x, 300, 3}, {&x, 301, 3}} {
		b.learnPeak(c.peak, c.at*1e9, finding{behavior: features.Calls, value: c.value})
	}
	want := map[float32]int{6: 1, 1: 1, 3: 2} // 6 and 1 of x, 3 of x and y
	for v, n := range open {
		if n != want[v] {
			t.Errorf("%d peaks of %v, want %d", n, v, want[v])
		}
	}
	if n := b.seen[features.Calls].above[0]; n != 2 {
		t.Errorf("learned %v, want the two ended minutes of x", n)
	}
	at := models.Timestamp(1000e9)
	for _, observe := range []func(features.Behavior, features.Peak, features.Peak){nil, func(features.Behavior, features.Peak, features.Peak) {}} {
		b.observe = observe
		if n := testing.AllocsPerRun(100, func() {
			at += 1e9
			b.learnPeak(&x, at, finding{behavior: features.Calls, value: 9})
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
