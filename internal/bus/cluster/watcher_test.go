package cluster_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/cluster"
)

type change struct{ was, now cluster.Topic }

// changes collects what a Watcher reports.
type changes struct {
	mu   sync.Mutex
	list []change
}

func (c *changes) add(was, now cluster.Topic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, change{was, now})
}

// take returns and forgets the changes.
func (c *changes) take() []change {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.list
	c.list = nil
	return list
}

type fixture struct {
	*testing.T
	b   *bustest.Broker
	adm *kadm.Client
	w   *cluster.Watcher
	got changes
}

func watch(t *testing.T, topics ...string) *fixture {
	t.Helper()
	b := bustest.StartBroker(t, "")
	b.Cluster() // these tests stop and recreate what others use
	c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
	f := &fixture{T: t, b: b, adm: c.Admin(), w: cluster.New(c.Admin(), topics, slog.New(slog.DiscardHandler))}
	f.w.Subscribe(f.got.add)
	return f
}

func (f *fixture) create(topic string, partitions int32) {
	f.Helper()
	if _, err := f.adm.CreateTopic(f.Context(), partitions, 1, nil, topic); err != nil {
		f.Fatal(err)
	}
}

// one polls twice and returns the only change.
func (f *fixture) one(what string) change {
	f.Helper()
	for range 2 {
		if err := f.w.Poll(f.Context()); err != nil {
			f.Fatal(err)
		}
	}
	list := f.got.take()
	if len(list) != 1 {
		f.Fatalf("%s: %d changes, want 1: %+v", what, len(list), list)
	}
	return list[0]
}

// TestWatcherReportsEachChangeOnce follows one topic through its life.
func TestWatcherReportsEachChangeOnce(t *testing.T) {
	f := watch(t, "grows", "absent")
	f.create("grows", 1)
	if c := f.one("created"); c.was.Exists || !c.now.Exists || c.now.Partitions != 1 || c.was.Recreated(c.now) {
		t.Errorf("created: %+v", c)
	}
	if f.w.Topic("absent").Exists || f.w.Topic("unwatched").Name != "" {
		t.Error("a topic exists that was not created")
	}
	if _, err := f.adm.CreatePartitions(t.Context(), 2, "grows"); err != nil {
		t.Fatal(err)
	}
	if c := f.one("partitions added"); c.was.Partitions != 1 || c.now.Partitions != 3 || c.was.Recreated(c.now) {
		t.Errorf("partitions added: %+v", c)
	}
	limit, age := "70000", "120000"
	if _, err := f.adm.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "max.message.bytes", Value: &limit}, {Op: kadm.SetConfig, Name: "retention.ms", Value: &age}}, "grows"); err != nil {
		t.Fatal(err)
	}
	if c := f.one("settings altered"); c.now.MaxMessageBytes != 70000 || c.now.RetentionAge != 2*time.Minute || c.now.Partitions != 3 {
		t.Errorf("settings altered: %+v", c)
	}
	first := f.w.Topic("grows")
	if _, err := f.adm.DeleteTopics(t.Context(), "grows"); err != nil {
		t.Fatal(err)
	}
	if c := f.one("deleted"); c.now.Exists || c.now.ID != first.ID {
		t.Errorf("deleted: %+v", c)
	}
	f.create("grows", 2)
	if c := f.one("recreated"); !c.now.Exists || !c.was.Recreated(c.now) || !first.Recreated(c.now) || c.now.Partitions != 2 {
		t.Errorf("recreated: %+v", c)
	}
}

// TestWatcherKeepsValuesWhileUnreachable checks that a failed poll changes nothing.
func TestWatcherKeepsValuesWhileUnreachable(t *testing.T) {
	f := watch(t, "kept")
	f.create("kept", 2)
	before := f.one("created").now
	if err := f.b.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if f.w.Poll(ctx) == nil {
		t.Error("poll of a closed broker succeeded")
	}
	if now := f.w.Topic("kept"); now != before {
		t.Errorf("%+v, want %+v", now, before)
	}
	if list := f.got.take(); len(list) > 0 {
		t.Errorf("changes without an answer: %+v", list)
	}
}

// TestWatcherSubscribers checks that each subscriber gets each change until it unsubscribes, and
// that a subscriber may use the Watcher.
func TestWatcherSubscribers(t *testing.T) {
	f := watch(t, "s")
	var first, second changes
	stop := f.w.Subscribe(first.add)
	f.w.Subscribe(func(was, now cluster.Topic) {
		if f.w.Topic(now.Name) != now {
			t.Error("Topic returns an older state than the change")
		}
		second.add(was, now)
	})
	f.create("s", 1)
	f.one("created")
	stop()
	stop()
	if _, err := f.adm.CreatePartitions(t.Context(), 1, "s"); err != nil {
		t.Fatal(err)
	}
	f.one("partitions added")
	if a, b := len(first.take()), len(second.take()); a != 1 || b != 2 {
		t.Errorf("%d and %d changes, want 1 and 2", a, b)
	}
}

// TestWatcherRun checks that Run polls, and returns when its context ends.
func TestWatcherRun(t *testing.T) {
	f := watch(t, "later")
	found := make(chan struct{})
	f.w.Subscribe(func(_, now cluster.Topic) {
		if now.Exists {
			close(found)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); f.w.Run(ctx) }()
	f.create("later", 1)
	for _, wait := range []<-chan struct{}{found, done} {
		select {
		case <-wait:
		case <-time.After(bustest.Soon):
			t.Fatal("timeout")
		}
		cancel()
	}
}

func TestRecreated(t *testing.T) {
	none, a, b := cluster.Topic{}, cluster.Topic{ID: [16]byte{1}}, cluster.Topic{ID: [16]byte{2}}
	for _, tt := range []struct {
		was, now cluster.Topic
		want     bool
	}{{none, a, false}, {a, none, false}, {a, a, false}, {a, b, true}, {none, none, false}} {
		if got := tt.was.Recreated(tt.now); got != tt.want {
			t.Errorf("%x to %x: recreated %v", tt.was.ID, tt.now.ID, got)
		}
	}
}
