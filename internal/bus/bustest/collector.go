package bustest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// Collector is a handler that remembers all it is given. Mu protects the fields that it
// changes; those in the second block are set before use.
type Collector struct {
	Mu       sync.Mutex
	Changed  chan struct{} // closed and replaced with each change
	Packets  []models.PacketMeta
	Offsets  map[int32][]int64 // of records, by partition, in the order of the calls
	Bad      []string          // errors of records that cannot be decoded
	Owned    map[int32]bool
	Revokes  int
	Assigns  int
	IdleCall int             // calls without records
	Next     map[int32]int64 // by partition

	Start    int64                // what Assigned returns
	Hold     chan struct{}        // if not nil, each call takes an element first
	Unsafe   bool                 // report nothing as safe before Revoked
	OnRecord func(*models.Record) // called for each record, with Mu held
}

// NewCollector returns a Collector that starts at the committed offset.
func NewCollector() *Collector {
	return &Collector{Changed: make(chan struct{}), Offsets: map[int32][]int64{}, Owned: map[int32]bool{}, Next: map[int32]int64{}, Start: -1}
}

func (c *Collector) signal() {
	close(c.Changed)
	c.Changed = make(chan struct{})
}

// Assigned implements consumer.Handler.
func (c *Collector) Assigned(_ context.Context, _ string, p int32) (int64, error) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.Owned[p] = true
	c.Assigns++
	c.signal()
	return c.Start, nil
}

// Records implements consumer.Handler.
func (c *Collector) Records(ctx context.Context, _ string, p int32, recs []models.Record) (int64, error) {
	if c.Hold != nil && len(recs) > 0 {
		select {
		case <-c.Hold:
		case <-ctx.Done():
			return -1, ctx.Err()
		}
	}
	c.Mu.Lock()
	defer c.Mu.Unlock()
	defer c.signal()
	if len(recs) == 0 {
		c.IdleCall++
	}
	for i := range recs {
		c.Offsets[p] = append(c.Offsets[p], recs[i].Offset)
		c.Next[p] = recs[i].Offset + 1
		if c.OnRecord != nil {
			c.OnRecord(&recs[i])
		}
		if err := Decode(&recs[i], func(m *models.PacketMeta) error { c.Packets = append(c.Packets, *m); return nil }); err != nil {
			c.Bad = append(c.Bad, err.Error())
		}
	}
	if c.Unsafe || len(recs) == 0 {
		return -1, nil
	}
	return c.Next[p], nil
}

// Revoked implements consumer.Handler.
func (c *Collector) Revoked(_ context.Context, _ string, p int32) (int64, error) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	defer c.signal()
	c.Revokes++
	delete(c.Owned, p)
	if n, ok := c.Next[p]; ok {
		return n, nil
	}
	return -1, nil
}

// Until waits for a condition, which is checked with Mu held after each change.
func (c *Collector) Until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		c.Mu.Lock()
		ok, changed := cond(), c.Changed
		c.Mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			c.Mu.Lock()
			defer c.Mu.Unlock()
			t.Fatalf("timeout: %s; %d packets, owned %v, bad %v", what, len(c.Packets), c.Owned, c.Bad)
		}
	}
}

// Join runs a member of a group from the beginning of the topics until stop is called,
// which returns the error of Run. Defaults: the engine's group, the packets topic.
func Join(t testing.TB, c *client.Client, cfg consumer.GroupConfig, h consumer.Handler) (g *consumer.Group, stop func() error) {
	t.Helper()
	if cfg.Group == "" {
		cfg.Group = c.Config().EngineGroup
	}
	if cfg.Topics == nil {
		cfg.Topics = []string{c.Config().Topics.Packets}
	}
	cfg.FromBeginning = true
	cfg.CommitInterval = 50 * time.Millisecond
	cfg.IdleInterval = 50 * time.Millisecond
	g = consumer.NewGroup(c, cfg, h)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-done })
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return g, stop
}
