package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// meta is the i-th packet of a test: its originator tells its number.
func meta(i int) *models.PacketMeta {
	return &models.PacketMeta{
		TS:  models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC)) + models.Timestamp(i)*1000,
		Src: netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}), Dst: netip.AddrFrom4([4]byte{192, 168, 0, 1}),
		SrcPort: uint16(i), DstPort: 443, Proto: models.ProtoTCP, Flags: models.FlagACK, PayloadLen: uint32(i), Entropy: 500, WireLen: 100, IPLen: 86,
		Dir: models.DirOrig, Conn: models.ConnID(i + 1), TTL: 64,
	}
}

// read decodes a record of packets in either form.
func read(r *models.Record, yield func(*models.PacketMeta) error) error {
	if r.ContentType == models.ContentTypePacked {
		return wire.DecodePacked(r.Value, yield)
	}
	var m models.PacketMeta
	if err := wire.ParsePacket(r.Value, &m); err != nil {
		return err
	}
	return yield(&m)
}

// collector is a handler that remembers everything.
type collector struct {
	mu       sync.Mutex
	changed  chan struct{}
	packets  []models.PacketMeta
	offsets  map[int32][]int64 // of records, by partition, in the order of the calls
	bad      []string
	owned    map[int32]bool
	revoked  int
	assigned int
	start    int64
	hold     chan struct{} // a call waits for an element, where not nil
	unsafe   bool          // nothing is safe before Revoked
	next     map[int32]int64
	empties  int
	onRecord func(*models.Record)
}

func newCollector() *collector {
	return &collector{changed: make(chan struct{}), offsets: map[int32][]int64{}, owned: map[int32]bool{}, next: map[int32]int64{}, start: -1}
}

func (c *collector) tell() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *collector) Assigned(_ context.Context, _ string, p int32) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owned[p] = true
	c.assigned++
	c.tell()
	return c.start, nil
}

func (c *collector) Records(ctx context.Context, _ string, p int32, recs []models.Record) (int64, error) {
	if c.hold != nil && len(recs) > 0 {
		select {
		case <-c.hold:
		case <-ctx.Done():
			return -1, ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.tell()
	if len(recs) == 0 {
		c.empties++
	}
	for i := range recs {
		c.offsets[p] = append(c.offsets[p], recs[i].Offset)
		c.next[p] = recs[i].Offset + 1
		if c.onRecord != nil {
			c.onRecord(&recs[i])
		}
		if err := read(&recs[i], func(m *models.PacketMeta) error { c.packets = append(c.packets, *m); return nil }); err != nil {
			c.bad = append(c.bad, err.Error())
		}
	}
	if c.unsafe || len(recs) == 0 {
		return -1, nil
	}
	return c.next[p], nil
}

func (c *collector) Revoked(_ context.Context, _ string, p int32) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.tell()
	c.revoked++
	delete(c.owned, p)
	if n, ok := c.next[p]; ok {
		return n, nil
	}
	return -1, nil
}

// until waits for a condition, which is looked at whenever something happened.
func (c *collector) until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		c.mu.Lock()
		ok, changed := cond(), c.changed
		c.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			c.mu.Lock()
			defer c.mu.Unlock()
			t.Fatalf("not in time: %s; %d packets, owned %v, bad %v", what, len(c.packets), c.owned, c.bad)
		}
	}
}

// join runs a group until stop is called, which returns Run's error.
func join(t testing.TB, c *Client, cfg GroupConfig, h Handler) (g *Group, stop func() error) {
	t.Helper()
	if cfg.Group == "" {
		cfg.Group = c.cfg.EngineGroup
	}
	if cfg.Topics == nil {
		cfg.Topics = []string{c.cfg.Topics.Packets}
	}
	cfg.FromBeginning = true
	cfg.CommitInterval = 50 * time.Millisecond
	cfg.IdleInterval = 50 * time.Millisecond
	g = NewGroup(c, cfg, h)
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

func publish(t testing.TB, c *Client, from, to int) {
	t.Helper()
	p, err := c.NewPacketProducer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := from; i < to; i++ {
		if err := p.Publish(meta(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// checkAll verifies that the packets 0…n-1 came, each once and as they were.
func checkAll(t *testing.T, got []models.PacketMeta, n int) {
	t.Helper()
	seen := make([]int, n)
	for i := range got {
		if k := int(got[i].PayloadLen); k < n && got[i] == *meta(k) {
			seen[k]++
		} else {
			t.Fatalf("not one of ours: %+v", got[i])
		}
	}
	for k, times := range seen {
		if times != 1 {
			t.Fatalf("packet %d came %d times", k, times)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, encoding := range []string{EncodingJSON, EncodingPacked} {
		t.Run(encoding, func(t *testing.T) {
			var stage obs.Stage
			c := dial(t, broker(t, "").Addr(), Deps{Publish: &stage}, func(c *Config) { c.Encoding, c.Partitions = encoding, 3 })
			h := newCollector()
			g, stop := join(t, c, GroupConfig{}, h)
			publish(t, c, 0, 2000)
			if err := g.WaitCaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkAll(t, h.packets, 2000)
			if n := stage.Counts(); n.In != 2000 || n.Out != 2000 || n.Dropped != nil {
				t.Errorf("ledger: %+v", n)
			}
			if len(h.offsets) != 3 {
				t.Errorf("partitions used: %d of 3", len(h.offsets))
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if n := g.c.position(c.cfg.EngineGroup, c.cfg.Topics.Packets, 0); n != -1 {
				t.Errorf("a stopped group still has a position: %d", n)
			}
			// What was committed is not read again.
			again := newCollector()
			g, _ = join(t, c, GroupConfig{}, again)
			publish(t, c, 2000, 2001)
			if err := g.WaitCaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			again.until(t, "the last packet", func() bool { return len(again.packets) > 0 })
			if len(again.packets) != 1 {
				t.Errorf("%d packets after a restart, want 1", len(again.packets))
			}
		})
	}
}

func TestOriginatorsStayTogether(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 4 })
	p, err := c.NewPacketProducer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range 100 {
		m := *meta(i % 10)
		if i%2 == 1 { // the answer: same connection, other direction
			m.Src, m.Dst, m.Dir = m.Dst, m.Src, models.DirResp
		}
		if err := p.Publish(&m); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	where := map[string]int32{}
	err = c.Tail(t.Context(), TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}, func(r *models.Record) error {
		if r.ContentType == models.ContentTypeTick {
			return nil
		}
		if p, ok := where[string(r.Key)]; ok && p != r.Partition {
			return fmt.Errorf("key %s in partitions %d and %d", r.Key, p, r.Partition)
		}
		where[string(r.Key)] = r.Partition
		return nil
	})
	if err != nil || len(where) != 10 {
		t.Errorf("%v; keys: %v", err, where)
	}
}

func TestEvents(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	a := models.Alert{ID: "a1", Score: 0.9, Features: map[string]float64{"entropy": 1}}
	if err := c.PublishAlert(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	conn := models.Connection{ID: "C1", State: "SF"}
	c.PublishConnection(&conn)
	conn.State = "changed" // ours again
	c.PublishStats(&models.InstanceStats{Instance: "i"})
	c.PublishScores(&models.ScoreBatch{Partition: 2})
	bad := models.Record{Topic: "x", Partition: 3, Offset: 4, Key: []byte("k"), Value: []byte("v"), ContentType: models.ContentTypePacked}
	c.PublishDeadLetter(bad, "no good")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	all := c.cfg.Topics.all()
	if err := c.Tail(t.Context(), TailConfig{Topics: all, From: From{Time: time.Now().Add(-time.Hour)}, ToEnd: true}, func(r *models.Record) error {
		got[r.Topic] = string(r.Key) + " " + string(r.Value) + " " + r.ContentType
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	alert, _ := json.Marshal(a)
	topics := c.cfg.Topics
	for topic, want := range map[string]string{
		topics.Alerts: "a1 " + string(alert), topics.Connections: `"state":"SF"`, topics.Stats: `i {"instance":"i"`,
		topics.Scores: `2 {"partition":2`, topics.DeadLetters: "k v " + models.ContentTypePacked,
	} {
		if !strings.Contains(got[topic], want) {
			t.Errorf("%s: got %q, want %q", topic, got[topic], want)
		}
	}
}

func TestUnreadableRecordsArePassedOver(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	h := newCollector()
	g, _ := join(t, c, GroupConfig{}, h)
	publish(t, c, 0, 1)
	produceRaw(t, c, c.cfg.Topics.Packets, `{"broken`, `{"ts":7}`, ``)
	publish(t, c, 1, 2)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAll(t, h.packets, 2)
	if len(h.bad) != 3 {
		t.Errorf("bad: %v", h.bad)
	}
}

func TestHandlerErrorEndsRun(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	boom := errors.New("boom")
	g := NewGroup(c, GroupConfig{Group: "g", Topics: []string{c.cfg.Topics.Packets}, FromBeginning: true}, failing{boom})
	publish(t, c, 0, 1)
	if err := g.Run(t.Context()); !errors.Is(err, boom) || !strings.Contains(err.Error(), c.cfg.Topics.Packets) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (failing) Assigned(context.Context, string, int32) (int64, error) { return -1, nil }
func (f failing) Records(context.Context, string, int32, []models.Record) (int64, error) {
	return -1, f.err
}
func (failing) Revoked(context.Context, string, int32) (int64, error) { return -1, nil }
