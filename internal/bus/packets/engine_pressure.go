package packets

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Retention removes the oldest records, read or not. So a producer may be ahead of the
// engine's position by half of what retention keeps of a partition, and ahead of the
// committed offset, where the engine would resume after a crash, by four fifths.
//
// Each poll sets a ceiling for the bytes published. When their sum reaches it, the gate is
// closed until the next poll. Bytes are counted before compression, so the limit is
// conservative.
const (
	shareRead      = 0.5
	shareCommitted = 0.8
	pollInterval   = 100 * time.Millisecond
)

// unlimited is the allowance when there is no consumer to wait for.
const unlimited = math.MaxInt64 / 2

// pressure is the gate of one producer.
type pressure struct {
	p         *Producer
	topic     [16]byte     // id of the topic that marks describe
	spent     atomic.Int64 // bytes published since the start
	ceiling   atomic.Int64 // for spent
	retention int64        // bytes that the broker keeps of a partition; 0: all, or unknown
	records   atomic.Int64
	bytes     atomic.Int64
	opened    chan struct{} // receives an element after each poll
	polling   sync.Mutex    // held by one poll at a time; protects the fields below
	marks     map[int32]*mark
	warned    time.Time
	aged      map[int32]int64 // see oldest
	agedAt    time.Time
}

// mark is the state of one partition as of the last poll.
type mark struct {
	committed int64     // committed offset of the group, -1: none
	position  int64     // of a group in this process, -1: none
	moved     time.Time // when committed or position last increased
	start     int64     // start offset of the log
	removed   int64     // offsets removed unread
}

func newPressure(p *Producer) *pressure {
	g := &pressure{p: p, opened: make(chan struct{}, 1), marks: map[int32]*mark{}}
	g.ceiling.Store(unlimited)
	return g
}

func (g *pressure) open() bool    { return g.spent.Load() < g.ceiling.Load() }
func (g *pressure) spend(n int64) { g.spent.Add(n) }

func (g *pressure) acknowledged(records, bytes int) {
	g.records.Add(int64(records))
	g.bytes.Add(int64(bytes))
}

// wait returns when the buffer has room and the gate is open, or when ctx ends.
func (p *Producer) wait() error {
	begin := time.Now()
	defer func() { p.c.Metrics().Held.Add(time.Since(begin).Seconds()) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.mustWait() {
		shut, from := p.heldBack(), time.Now()
		select {
		case <-p.ctx.Done():
			return fmt.Errorf("bus: publish: %w", p.ctx.Err())
		case <-tick.C:
		case <-p.gate.opened:
		}
		if shut {
			p.c.AddHeld(time.Since(from))
		}
	}
	return nil
}

// mustWait reports whether Publish has to wait.
func (p *Producer) mustWait() bool { return p.pending.Load() >= p.limit || p.heldBack() }

// heldBack reports whether the engine or the recorder is too far behind.
func (p *Producer) heldBack() bool { return !p.gate.open() || p.recorder.behind.Load() }

// run polls until the producer ends. A failed poll leaves the gate as it is: while brokers
// are unreachable, the buffer limits the producer.
func (g *pressure) run() {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-g.p.ctx.Done():
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(g.p.ctx, 5*time.Second)
			if err := g.poll(ctx); err != nil && g.p.ctx.Err() == nil {
				g.p.c.Log().Debug("cannot determine the lag of the engine", "err", err)
			}
			if err := g.p.recorder.poll(ctx); err != nil && g.p.ctx.Err() == nil {
				g.p.c.Log().Debug("cannot determine the lag of the recorder", "err", err)
			}
			cancel()
		}
	}
}

// poll updates the ceiling.
func (g *pressure) poll(ctx context.Context) error {
	g.polling.Lock()
	defer g.polling.Unlock()
	c, topic := g.p.c, g.p.topicName
	if g.p.cfg.EngineGroup == "" {
		return nil
	}
	facts := c.Watcher().Topic(topic)
	g.retention = max(facts.RetentionBytes, 0)
	if facts.ID != g.topic {
		g.topic = facts.ID
		clear(g.marks)
	}
	starts, err := c.Admin().ListStartOffsets(ctx, topic)
	if err != nil {
		return err
	}
	spent, pending := g.spent.Load(), g.p.pending.Load() // read before the end offsets: records are counted twice rather than missed
	ends, err := c.Admin().ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	commits, err := c.Admin().FetchOffsetsForTopics(ctx, g.p.cfg.EngineGroup, topic)
	// A new cluster has no coordinator before the first group joins.
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) && !errors.Is(err, kerr.CoordinatorNotAvailable) {
		return err
	}
	old := g.oldest(ctx, facts.RetentionAge)
	members := -1 // unknown yet
	allowance := int64(unlimited)
	for part := range ends[topic] {
		start, ok1 := starts.Lookup(topic, part)
		end, ok2 := ends.Lookup(topic, part)
		if !ok1 || !ok2 || start.Err != nil || end.Err != nil {
			continue
		}
		m := g.mark(part, start.Offset, commits)
		if m.position < 0 && (m.committed < 0 || time.Since(m.moved) > g.p.cfg.StallAfter) && members < 0 {
			members = memberCount(ctx, c, g.p.cfg.EngineGroup)
		}
		allowance = min(allowance, g.allow(m, start.Offset, end.Offset, members > 0, pending))
		if allowance > 0 && old[part] > m.read(start.Offset) && time.Since(m.moved) <= g.p.cfg.StallAfter {
			allowance = 0 // unread records would be removed by age
		}
	}
	g.ceiling.Store(spent + allowance)
	select {
	case g.opened <- struct{}{}:
	default:
	}
	return nil
}

// mark updates the state of a partition.
func (g *pressure) mark(part int32, start int64, commits kadm.OffsetResponses) *mark {
	c := g.p.c
	m := g.marks[part]
	if m == nil {
		m = &mark{committed: -1, position: -1, moved: time.Now(), start: start}
		g.marks[part] = m
	}
	committed := int64(-1)
	if o, ok := commits.Lookup(g.p.cfg.Topics.Packets, part); ok && o.Err == nil {
		committed = o.At
	}
	position := c.Position(g.p.cfg.EngineGroup, g.p.cfg.Topics.Packets, part)
	if committed > m.committed || position > m.position {
		m.moved = time.Now()
	}
	m.committed, m.position = committed, position
	if start > m.start {
		if read := max(committed, position); start > max(read, m.start) {
			m.removed += start - max(read, m.start)
			g.warnRemoved(part, m.removed)
		}
		m.start = start
	}
	return m
}

// allow returns how many bytes may be published before the partition has to wait.
func (g *pressure) allow(m *mark, start, end int64, members bool, pending int64) int64 {
	if g.retention <= 0 {
		return unlimited
	}
	average := int64(300) // bytes of a record, until something was published
	if n := g.records.Load(); n > 0 {
		average = max(g.bytes.Load()/n, 1)
	}
	local := m.position >= 0
	stalled := time.Since(m.moved) > g.p.cfg.StallAfter
	if !local && (m.committed < 0 && !members || stalled && !members) {
		return unlimited // no consumer: retention applies, and unread records that it removes are counted
	}
	read, committed := max(m.committed, start), max(m.committed, start)
	if local {
		read = max(m.position, start)
	}
	a := int64(shareRead*float64(g.retention)) - (end-read)*average - pending
	if local && stalled && end <= read {
		return max(a, 1) // everything is read but nothing committed: waiting would never end
	}
	return min(a, int64(shareCommitted*float64(g.retention))-(end-committed)*average-pending)
}

func (g *pressure) warnRemoved(part int32, n int64) {
	c := g.p.c
	if time.Since(g.warned) < time.Minute {
		return
	}
	g.warned = time.Now()
	c.Log().Warn("retention removed packets before an engine read them", vocabulary.EventRecordsRemoved.Attr(), "topic", g.p.cfg.Topics.Packets, "partition", part,
		"records", n, "group", g.p.cfg.EngineGroup, "hint", "start an engine, or raise the retention of the topic")
}

// oldest returns by partition the first offset that is younger than half of the retention
// time; unread records before it may soon be removed. It asks the brokers at most once a
// second, and not at all if nothing is removed by age.
func (g *pressure) oldest(ctx context.Context, age time.Duration) map[int32]int64 {
	if age <= 0 {
		return nil
	}
	if time.Since(g.agedAt) < time.Second {
		return g.aged
	}
	topic := g.p.topicName
	young := time.Now().Add(-time.Duration(shareRead * float64(age)))
	offsets, err := g.p.c.Admin().ListOffsetsAfterMilli(ctx, young.UnixMilli(), topic)
	if err != nil {
		return g.aged
	}
	g.aged, g.agedAt = map[int32]int64{}, time.Now()
	for part, o := range offsets[topic] {
		if o.Err == nil {
			g.aged[part] = o.Offset
		}
	}
	return g.aged
}

// read returns the offset up to which the engine has read.
func (m *mark) read(start int64) int64 { return max(m.committed, m.position, start) }

// memberCount returns the number of members of a group, 0 if it cannot be determined.
func memberCount(ctx context.Context, c *client.Client, group string) int {
	gs, err := c.Admin().DescribeGroups(ctx, group)
	if err != nil {
		return 0
	}
	return len(gs[group].Members)
}
