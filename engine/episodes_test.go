package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// emitted returns a pipeline for tests of episodes, and the alerts that it emits.
func emitted(t *testing.T, change func(*Config)) (p *Pipeline, alerts *[]models.Alert) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Trees, cfg.Depth = 1, 2 // the model is not used
	if change != nil {
		change(&cfg)
	}
	alerts = new([]models.Alert)
	p, err := NewPipeline(cfg, 0, func(a *models.Alert) { *alerts = append(*alerts, *a) })
	if err != nil {
		t.Fatal(err)
	}
	return p, alerts
}

// opened adds an episode with this key, whose last anomalous packet was at ts.
func opened(p *Pipeline, key uint64, ts models.Timestamp, count uint64) *episode {
	a := models.Alert{ID: alertID(key, 0, ts), TS: ts, LastTS: ts, Count: count}
	return p.episodes.add(&episode{key: key, alert: a, anomalyTS: ts})
}

const second = models.Timestamp(1e9)

// TestFindUntilQuiet checks the end of an episode to the nanosecond.
func TestFindUntilQuiet(t *testing.T) {
	p, _ := emitted(t, nil)
	quiet := models.Timestamp(p.cfg.Quiet)
	ep := opened(p, 7, 1000*second, 1)
	for ts, open := range map[models.Timestamp]bool{
		1000 * second: true, 1000*second + quiet: true, 1000*second + quiet + 1: false, 500 * second: true,
	} {
		if got := p.episodes.find(7, ts); (got == ep) != open || p.episodes.open(7, ts) != open {
			t.Errorf("%v after the last anomalous packet: open is %v, want %v", time.Duration(ts-1000*second), got != nil, open)
		}
		if p.episodes.find(8, ts) != nil {
			t.Errorf("found an episode of another subject")
		}
	}
}

// TestExpireOncePerSecond: quiet episodes are published and removed, at most once per second
// of event time; event time far in the past ends them too.
func TestExpireOncePerSecond(t *testing.T) {
	p, alerts := emitted(t, nil)
	quiet := models.Timestamp(p.cfg.Quiet)
	start := 10_000 * second
	for i := range 5 {
		opened(p, uint64(i), start+models.Timestamp(i)*second/2, uint64(i+1))
	}
	p.expire(start)
	p.expire(start + quiet + second/2)
	if len(*alerts) != 1 || len(p.episodes.list) != 4 {
		t.Fatalf("%d alerts, %d open episodes, want 1 and 4", len(*alerts), len(p.episodes.list))
	}
	p.expire(start + quiet + second/2 + second - 1) // before the next search
	if len(*alerts) != 1 {
		t.Fatalf("%d alerts before the next search, want 1", len(*alerts))
	}
	p.expire(start + quiet + 3*second/2)
	if len(*alerts) != 3 {
		t.Fatalf("%d alerts, want 3", len(*alerts))
	}
	p.expire(start - 24*quiet - 1) // a clock that was set back
	if len(p.episodes.list) != 0 || len(p.episodes.byKey) != 0 || len(*alerts) != 5 {
		t.Errorf("%d open episodes, %d keys, %d alerts", len(p.episodes.list), len(p.episodes.byKey), len(*alerts))
	}
	for i, a := range *alerts {
		if a.Count != uint64(i+1) {
			t.Errorf("alert %d has the count %d: not in the order of their start", i, a.Count)
		}
	}
}

// TestEpisodesAreConsistent adds, grows and removes episodes at random: the index by subject
// always refers to the newest open episode of each.
func TestEpisodesAreConsistent(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		p, _ := emitted(t, nil)
		for i := range 300 {
			ts := models.Timestamp(i) * second
			if rnd.IntN(3) > 0 || len(p.episodes.list) == 0 {
				opened(p, uint64(rnd.IntN(8)), ts, 1)
			} else {
				p.episodes.remove(rnd.IntN(len(p.episodes.list)))
			}
			newest := map[uint64]*episode{}
			for _, ep := range p.episodes.list {
				newest[ep.key] = ep
			}
			for key, ep := range p.episodes.byKey {
				if newest[key] != ep {
					t.Fatalf("seed %d, step %d: the index of subject %d refers to an older or removed episode", seed, i, key)
				}
			}
		}
	}
}

// TestOldestIsReplaced: a new episode beyond the maximum ends the one that is quiet for
// longest, whose alert is published first.
func TestOldestIsReplaced(t *testing.T) {
	const most = 4
	p, alerts := emitted(t, func(c *Config) { c.Episodes = most })
	times := []models.Timestamp{50, 20, 40, 30}
	for i, at := range times {
		opened(p, uint64(i+1), at*second, at64(at))
	}
	for n, ended := range []models.Timestamp{20, 30, 40} {
		ep := p.begin(uint64(100+n), addr(10, 0, 0, 1), 60*second, finding{}, nil)
		if len(p.episodes.list) != most || p.episodes.list[most-1] != ep {
			t.Fatalf("%d open episodes, want %d with the new one last", len(p.episodes.list), most)
		}
		if got := (*alerts)[len(*alerts)-1]; got.LastTS != ended*second || len(*alerts) != n+1 {
			t.Errorf("ended the episode of second %d, want %d", got.LastTS/second, ended)
		}
	}
	if p.alerts != 3 {
		t.Errorf("%d alerts began, want 3", p.alerts)
	}
}

func at64(ts models.Timestamp) uint64 { return uint64(ts) }

// TestShouldPublish lists when an episode that was published with count 100, score 0.85 and
// after 80 seconds is published again.
func TestShouldPublish(t *testing.T) {
	p, _ := emitted(t, nil)
	base := func() *episode {
		return &episode{published: 100, score: 0.85, at: 80 * second, alert: models.Alert{Count: 101, Score: 0.85, TS: 0, LastTS: 80 * second}}
	}
	for name, tt := range map[string]struct {
		change func(ep *episode)
		want   bool
	}{
		"hardly grown":         {func(*episode) {}, false},
		"new":                  {func(ep *episode) { ep.published = 0 }, true},
		"almost doubled":       {func(ep *episode) { ep.alert.Count = 199 }, false},
		"doubled":              {func(ep *episode) { ep.alert.Count = 200 }, true},
		"score a little up":    {func(ep *episode) { ep.alert.Score = 0.899 }, false},
		"score up":             {func(ep *episode) { ep.alert.Score = 0.91 }, true},
		"an eighth not passed": {func(ep *episode) { ep.alert.LastTS = 91 * second }, false},
		"an eighth passed":     {func(ep *episode) { ep.alert.LastTS = 92 * second }, true},
		"short, half a second": {func(ep *episode) { ep.at, ep.alert.LastTS = second, 3*second/2 }, false},
		"short, one second":    {func(ep *episode) { ep.at, ep.alert.LastTS = second, 2*second }, true},
	} {
		ep := base()
		tt.change(ep)
		if got := p.shouldPublish(ep); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestAnnounceKeepsState: Announce emits each growth once and does not affect what is
// published later.
func TestAnnounceKeepsState(t *testing.T) {
	p, alerts := emitted(t, nil)
	a, b := opened(p, 1, second, 3), opened(p, 2, second, 5)
	before := p.AppendState(nil)
	p.Announce()
	p.Announce()
	if got := counts(*alerts); !slices.Equal(got, []uint64{3, 5}) {
		t.Fatalf("announced counts %v, want 3 and 5 once each", got)
	}
	if !slices.Equal(before, p.AppendState(nil)) {
		t.Error("Announce changed the state")
	}
	a.alert.Count = 4
	p.Announce()
	p.Flush()
	p.Flush()
	b.alert.Count = 6
	p.Flush()
	p.Announce()
	if got := counts(*alerts); !slices.Equal(got, []uint64{3, 5, 4, 4, 5, 6}) {
		t.Errorf("counts %v, want 3 5, 4 announced, 4 5 flushed, 6 flushed", got)
	}
}

func counts(alerts []models.Alert) (all []uint64) {
	for _, a := range alerts {
		all = append(all, a.Count)
	}
	return all
}

// TestAlertIDs: ids are distinct for different subjects, behaviors and times, and never change.
func TestAlertIDs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	seen := map[string]string{}
	for range 20000 {
		key, g, ts := rnd.Uint64(), features.Behavior(rnd.IntN(int(features.Behaviors))), models.Timestamp(rnd.Int64())
		id, input := alertID(key, g, ts), fmt.Sprint(key, g, ts)
		if other, there := seen[id]; there && other != input {
			t.Fatalf("id %s of %s and of %s", id, input, other)
		}
		seen[id] = input
		if id[0] != 'A' || len(id) != 14 || id != alertID(key, g, ts) {
			t.Fatalf("id %q", id)
		}
	}
}

// randomEpisode draws an episode with values in all fields of its state.
func randomEpisode(rnd *rand.Rand) *episode {
	ts := models.Timestamp(rnd.Int64N(1 << 60))
	ep := &episode{key: rnd.Uint64(), group: features.Group(rnd.IntN(int(features.Groups))), behavior: features.Behavior(rnd.IntN(int(features.Behaviors))), began: ts - 5, published: rnd.Uint64N(1000), level: 5 * rnd.Float64(),
		score: rnd.Float64(), at: ts + 1, anomalyTS: ts + 2, wide: rnd.IntN(2) == 0}
	ep.alert = models.Alert{ID: alertID(ep.key, ep.behavior, ts), TS: ts, LastTS: ts + 3, SrcIP: "10.0.0.1", DstIP: "2001:db8::1", Count: rnd.Uint64N(1 << 40),
		Score: rnd.Float64(), Kind: "port_scan", Summary: "text with \"quotes\" and \u00e9", Features: map[string]float64{"entropy": rnd.Float64()}}
	e := &ep.evidence
	for range rnd.IntN(500) {
		e.ports.add(rnd.Uint64())
		e.peers.add(rnd.Uint64())
		e.sources.add(rnd.Uint64() & 0xfff)
	}
	e.packets, e.bytes, e.syns, e.opened = rnd.Uint64(), rnd.Uint64(), rnd.Uint64(), rnd.Uint64()
	return ep
}

// TestEpisodesRoundTrip restores random episodes, and rejects every truncation.
func TestEpisodesRoundTrip(t *testing.T) {
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		e := newEpisodes(DefaultConfig())
		e.next = models.Timestamp(rnd.Int64())
		for range rnd.IntN(5) {
			e.add(randomEpisode(rnd))
		}
		w := state.Writer(nil)
		e.fields(w)
		got := newEpisodes(DefaultConfig())
		r := state.Reader(w.Bytes())
		got.fields(r)
		if r.Err() != nil || len(r.Bytes()) != 0 {
			t.Fatalf("seed %d: %v, %d bytes remain", seed, r.Err(), len(r.Bytes()))
		}
		if d := cmp.Diff(e, got, cmp.AllowUnexported(episodes{}, episode{}, evidence{})); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
		for n := range len(w.Bytes()) {
			cut := newEpisodes(DefaultConfig())
			r := state.Reader(w.Bytes()[:n])
			if cut.fields(r); r.Err() == nil {
				t.Fatalf("seed %d: %d of %d bytes returned no error", seed, n, len(w.Bytes()))
			}
		}
	}
}

// TestEpisodesRejected: more episodes than configured, an unknown group and an alert that is
// not JSON are errors.
func TestEpisodesRejected(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 3))
	e := newEpisodes(DefaultConfig())
	for range 3 {
		e.add(randomEpisode(rnd))
	}
	w := state.Writer(nil)
	e.fields(w)
	fewer := newEpisodes(DefaultConfig())
	fewer.most = 2
	if r := state.Reader(w.Bytes()); true {
		if fewer.fields(r); r.Err() == nil || len(fewer.list) > 0 {
			t.Errorf("3 episodes with a maximum of 2: %v", r.Err())
		}
	}
	unknown := randomEpisode(rnd)
	unknown.group = features.Behavioral + 1
	w = state.Writer(nil)
	unknown.fields(w)
	r := state.Reader(w.Bytes())
	if got := new(episode); true {
		if got.fields(r); r.Err() == nil || got.group > features.Behavioral {
			t.Errorf("unknown group: %v, group %d", r.Err(), got.group)
		}
	}
	damaged := slices.Clone(w.Bytes())
	damaged[len(damaged)-1] = '[' // the last byte of the alert's JSON
	damaged[8] = 0                // a known group
	r = state.Reader(damaged)
	if new(episode).fields(r); r.Err() == nil {
		t.Error("an alert that is not JSON returned no error")
	}
}
