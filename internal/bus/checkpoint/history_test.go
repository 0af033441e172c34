package checkpoint

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
)

const second = models.Timestamp(time.Second)

// saveEvery saves n checkpoints at a distance in event time, each with a distinct state of
// two chunks.
func saveEvery(t *testing.T, s *Store, from, n int, distance models.Timestamp) {
	t.Helper()
	for i := from; i < from+n; i++ {
		info := models.CheckpointInfo{Offset: int64(i), EventTS: models.Timestamp(i) * distance, Packets: uint64(10 * i), At: 1}
		if err := s.SaveInfo(t.Context(), "g", 0, info, stateOf(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func stateOf(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8), 7}, chunkBody/2) }

// kept returns the offsets of the history.
func kept(t *testing.T, s *Store) (list []int64) {
	t.Helper()
	history, err := s.History(t.Context(), "g", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range history {
		list = append(list, h.Offset)
	}
	return list
}

// TestHistory: the configured number of keyframes is kept and can be read, also after a
// restart and after compaction.
func TestHistory(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 3 })
	cfg := Config{Keyframes: 4, Every: time.Minute}
	s := New(c, cfg)
	saveEvery(t, s, 0, 20, 10*second)
	if got, want := kept(t, s), []int64{19, 18, 12, 6, 0}; !slices.Equal(got, want) {
		t.Fatalf("kept %v, want %v: a keyframe a minute, the newest and the one before", got, want)
	}
	s = New(c, cfg)
	saveEvery(t, s, 20, 35, 10*second)
	b.Compact()
	want := []int64{54, 53, 48, 42, 36, 30}
	if got := kept(t, New(c, DefaultConfig())); !slices.Equal(got, want) {
		t.Fatalf("kept %v, want %v", got, want)
	}
	for _, o := range want {
		before := func(i models.CheckpointInfo) bool { return i.EventTS <= models.Timestamp(o)*10*second }
		got, err := New(c, DefaultConfig()).LoadWhere(t.Context(), "g", 0, before)
		if err != nil || got.Offset != o || got.Packets != uint64(10*o) || !bytes.Equal(got.State, stateOf(int(o))) {
			t.Errorf("up to %d: %+v, %v", o, got, err)
		}
	}
	none := func(i models.CheckpointInfo) bool { return i.Offset < 30 }
	if _, err := New(c, DefaultConfig()).LoadWhere(t.Context(), "g", 0, none); !errors.Is(err, ErrNotFound) {
		t.Errorf("before the oldest keyframe: %v", err)
	}
}

// TestFallBack: as checkpoints become unreadable, older ones are loaded, and finally none;
// health and the metric report it until a checkpoint is saved.
func TestFallBack(t *testing.T) {
	health := map[string]error{}
	reg := prometheus.NewRegistry()
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{Registerer: reg, Health: func(name string, err error) { health[name] = err }}, nil)
	s := New(c, Config{Keyframes: 3, Every: time.Minute})
	saveEvery(t, s, 0, 18, 10*second) // keeps 17, 16, 12, 6, 0
	left := kept(t, s)
	for i, o := range left {
		got, err := New(c, DefaultConfig()).LoadInfo(t.Context(), "g", 0)
		if err != nil || got.Offset != o || len(got.FellBackOver) != i || !bytes.Equal(got.State, stateOf(int(o))) {
			t.Fatalf("with %d unreadable: %+v, %v; want the one at %d", i, got, err, o)
		}
		if (health[Component] != nil) != (i > 0) {
			t.Errorf("with %d unreadable, health reports %v", i, health[Component])
		}
		breakEntry(t, c, o)
	}
	_, err := s.LoadInfo(t.Context(), "g", 0)
	if !errors.Is(err, ErrNotFound) || !errors.As(err, new(*UnreadableError)) {
		t.Errorf("all unreadable: %v", err)
	}
	if n := bustest.Counter(t, s.fallbacks); n != 0+1+2+3+4+5 {
		t.Errorf("the metric counts %v unreadable checkpoints", n)
	}
	saveEvery(t, s, 30, 1, 10*second)
	if health[Component] != nil {
		t.Errorf("health still reports %v", health[Component])
	}
	if got, err := New(c, DefaultConfig()).LoadInfo(t.Context(), "g", 0); err != nil || got.Offset != 30 {
		t.Errorf("after a save: %+v, %v", got, err)
	}
}

// breakEntry makes the checkpoint at an offset unreadable by deleting one of its chunks.
func breakEntry(t *testing.T, c *client.Client, offset int64) {
	t.Helper()
	s, key := New(c, DefaultConfig()), laneKey{"g", 0}
	cat, err := s.known(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for i := range cat.List {
		if e := &cat.List[i]; e.Offset == offset {
			e.Chunks[1] = e.Chunks[0] // its location now has another chunk
			tombstone := &kgo.Record{Topic: c.Config().Topics.Checkpoints, Key: chunkKey(key, e.Slot, 1)}
			head, _ := cat.encode()
			if _, err := s.write(t.Context(), []*kgo.Record{tombstone, {Topic: c.Config().Topics.Checkpoints, Key: headKey(key), Value: head}}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCatalogueLost: an unreadable catalogue is rebuilt from the chunks.
func TestCatalogueLost(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
	s, key := New(c, Config{Keyframes: 3, Every: time.Minute}), laneKey{"g", 0}
	saveEvery(t, s, 0, 9, 30*second)
	want := kept(t, s)
	if _, err := s.write(t.Context(), []*kgo.Record{{Topic: c.Config().Topics.Checkpoints, Key: headKey(key), Value: []byte("{")}}); err != nil {
		t.Fatal(err)
	}
	b.Compact()
	if got := kept(t, New(c, DefaultConfig())); !slices.Equal(got, want) {
		t.Errorf("rebuilt catalogue has %v, want %v", got, want)
	}
	got, err := New(c, DefaultConfig()).LoadInfo(t.Context(), "g", 0)
	if err != nil || got.Offset != 8 || got.Packets != 80 || !bytes.Equal(got.State, stateOf(8)) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestGiveKeepsTheNewest(t *testing.T) {
	for keyframes := range 4 {
		cfg, cat := Config{Keyframes: keyframes, Every: time.Hour, Packets: 5}, &catalogue{}
		for seq := uint64(1); seq < 100; seq++ {
			newest := cat.seq()
			slot := cat.give(cfg)
			if newest > 0 && cat.seq() != newest {
				t.Fatalf("%d keyframes: the newest was replaced", keyframes)
			}
			if slot >= cfg.slots() {
				t.Fatalf("%d keyframes: slot %d", keyframes, slot)
			}
			cat.List = append(cat.List, entry{Slot: slot, Seq: seq, CheckpointInfo: models.CheckpointInfo{Packets: seq}})
		}
		if len(cat.List) > keyframes+2 || len(cat.List) < 2 {
			t.Errorf("%d keyframes: %d are kept", keyframes, len(cat.List))
		}
	}
}
