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

// Retention removes the oldest records whether or not they were read. So a producer
// may run ahead of the engine's group by half of what retention keeps of a partition,
// and ahead of what the group has committed, from which it would read again after a
// crash, by four fifths.
//
// Each poll sets a ceiling for the bytes published, each record brings the sum nearer
// to it, and there the gate is shut until the next poll. Bytes are counted before
// compression, which errs on the safe side.
const (
	shareRead      = 0.5
	shareCommitted = 0.8
	pollInterval   = 100 * time.Millisecond
)

// unlimited is the allowance where nobody needs to be waited for.
const unlimited = math.MaxInt64 / 2

// pressure holds one producer back.
type pressure struct {
	p         *Producer
	topic     [16]byte     // id of the topic that marks are of
	spent     atomic.Int64 // bytes published since the beginning
	ceiling   atomic.Int64 // of spent
	retention int64        // bytes of a partition that the broker keeps now, 0 = all, or not known
	records   atomic.Int64
	bytes     atomic.Int64
	opened    chan struct{} // has one element after each poll
	polling   sync.Mutex    // held by one poll at a time; what follows belongs to it
	marks     map[int32]*mark
	warned    time.Time
	aged      map[int32]int64 // see oldest
	agedAt    time.Time
}

// mark is what the polls have seen of one partition.
type mark struct {
	committed int64     // highest offset of the group, -1 = none
	position  int64     // of a group in this process, -1 = none
	moved     time.Time // when committed or position last grew
	start     int64     // of the log
	removed   int64     // offsets that nobody read
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

// wait returns when there is room in the buffer and the gate is open, or ctx ends.
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

// mustWait reports whether a packet of a file has to wait.
func (p *Producer) mustWait() bool { return p.pending.Load() >= p.limit || p.heldBack() }

// heldBack reports whether those who read are too far behind.
func (p *Producer) heldBack() bool { return !p.gate.open() || p.recorder.behind.Load() }

// run polls until the producer ends. What a poll cannot find out leaves the gate as
// it is: while brokers are away, the buffer's bound holds.
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
				g.p.c.Log().Debug("lag of the engine is not known", "err", err)
			}
			if err := g.p.recorder.poll(ctx); err != nil && g.p.ctx.Err() == nil {
				g.p.c.Log().Debug("lag of the recorder is not known", "err", err)
			}
			cancel()
		}
	}
}

// poll sets the ceiling anew.
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
	spent, pending := g.spent.Load(), g.p.pending.Load() // before the ends: counted twice rather than not at all
	ends, err := c.Admin().ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	commits, err := c.Admin().FetchOffsetsForTopics(ctx, g.p.cfg.EngineGroup, topic)
	// A fresh cluster has no coordinator before the first group: nobody has read anything.
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) && !errors.Is(err, kerr.CoordinatorNotAvailable) {
		return err
	}
	old := g.oldest(ctx, facts.RetentionAge)
	members := -1 // not asked
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
			allowance = 0 // what is unread would be removed for its age
		}
	}
	g.ceiling.Store(spent + allowance)
	select {
	case g.opened <- struct{}{}:
	default:
	}
	return nil
}

// mark brings what is known of a partition up to date.
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

// allow is how many bytes may still be published before the partition has to wait.
func (g *pressure) allow(m *mark, start, end int64, members bool, pending int64) int64 {
	if g.retention <= 0 {
		return unlimited
	}
	average := int64(300) // bytes; until something was published
	if n := g.records.Load(); n > 0 {
		average = max(g.bytes.Load()/n, 1)
	}
	local := m.position >= 0
	still := time.Since(m.moved) > g.p.cfg.StallAfter
	if !local && (m.committed < 0 && !members || still && !members) {
		return unlimited // nobody is there: retention decides, and what it removes is counted
	}
	read, committed := max(m.committed, start), max(m.committed, start)
	if local {
		read = max(m.position, start)
	}
	a := int64(shareRead*float64(g.retention)) - (end-read)*average - pending
	if local && still && end <= read {
		return max(a, 1) // all is read, yet nothing is committed: waiting would be for ever
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

// oldest is by partition the first offset that is younger than half of what is kept by
// age; what the engine has not read before it is in danger. It is asked for once a second,
// and not at all where nothing is removed by age.
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

// read is up to where the engine has come.
func (m *mark) read(start int64) int64 { return max(m.committed, m.position, start) }

// memberCount is how many members a group has, 0 where it is not known.
func memberCount(ctx context.Context, c *client.Client, group string) int {
	gs, err := c.Admin().DescribeGroups(ctx, group)
	if err != nil {
		return 0
	}
	return len(gs[group].Members)
}
