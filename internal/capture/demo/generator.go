package demo

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// actor emits frames over time: a session, an attack, or the office, which starts them.
type actor interface {
	// step is called at time now. It may emit one frame and returns the time of its next
	// call, not before now; ok is false when the actor is done.
	step(g *Generator, now int64) (next int64, ok bool)
}

// entry is an actor in the queue. order breaks ties, so that the same seed gives the
// same sequence.
type entry struct {
	at    int64 // ns since the epoch
	order uint64
	actor actor
}

// Generator generates the frames of the office. It implements capture.Source.
type Generator struct {
	cfg    Config
	rng    *rand.Rand // of the benign traffic
	net    *network
	pools  *pools
	queue  []entry // a heap by time
	order  uint64
	end    int64 // 0 is never
	count  uint64
	counts capture.Counts
	closed bool

	buf   [maxFrame + 64]byte
	out   []byte // frame of this step, nil if none
	label string // of the frame of this step
}

// New returns a generator.
func New(cfg Config) (*Generator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	g := &Generator{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 0x6f6666696365))}
	g.pools = newPools(rand.New(rand.NewPCG(cfg.Seed, 0x706f6f6c73)))
	g.net = newNetwork(g.rng, cfg.Workstations)
	start := int64(cfg.Start)
	if cfg.Duration > 0 {
		g.end = start + int64(cfg.Duration)
	}
	g.add(start, newOffice(g, start))
	if len(cfg.Rotation) > 0 {
		g.add(start+int64(cfg.Quiet), &rotation{})
	}
	for i, a := range cfg.Attacks {
		g.add(start+int64(a.At), g.attack(a, uint64(i)|1<<32))
	}
	return g, nil
}

// Next yields the next frame in order of time, io.EOF after the configured duration.
func (g *Generator) Next(f *models.Frame) error {
	for {
		if g.closed || len(g.queue) == 0 || g.end != 0 && g.queue[0].at >= g.end {
			g.counts.Publish()
			return io.EOF
		}
		e := &g.queue[0]
		now := e.at
		g.out, g.label = nil, ""
		next, ok := e.actor.step(g, now)
		g.requeue(next, ok)
		if g.out == nil {
			continue
		}
		f.TS, f.Link, f.Iface = models.Timestamp(now), models.LinkEthernet, "demo"
		f.Data, f.WireLen = g.out, uint32(len(g.out))
		g.count++
		g.counts.Receive()
		return nil
	}
}

// Label returns the name of the attack that the last frame belongs to, "" if it is benign.
func (g *Generator) Label() string { return g.label }

// Count returns the number of frames yielded, which is the index of the last one, from 1.
func (g *Generator) Count() uint64 { return g.count }

// Close ends the generator: Next returns io.EOF.
func (g *Generator) Close() error {
	g.closed = true
	g.counts.Publish()
	return nil
}

// Stats returns the number of frames.
func (g *Generator) Stats() capture.Stats { return g.counts.Stats() }

// emit builds the frame of this step.
func (g *Generator) emit(p *packet, label string) {
	g.out, g.label = build(g.buf[:], p), label
}

// rotation starts the attacks of Config.Rotation in turn.
type rotation struct{ n uint64 }

func (r *rotation) step(g *Generator, now int64) (int64, bool) {
	kind := g.cfg.Rotation[r.n%uint64(len(g.cfg.Rotation))]
	g.add(now, g.attack(Attack{Kind: kind, At: time.Duration(now - int64(g.cfg.Start))}, r.n))
	r.n++
	return now + int64(g.cfg.Every), true
}

// attack makes the actor of an attack, with the usual values where a has none. Each
// has its own random number generator, so that the benign traffic does not
// depend on which attacks there are.
func (g *Generator) attack(a Attack, serial uint64) actor {
	k, _ := Lookup(a.Kind)
	if a.For == 0 {
		a.For = k.For
	}
	if a.Rate == 0 {
		a.Rate = k.Rate
	}
	r := rand.New(rand.NewPCG(g.cfg.Seed^0x61747461636b, serial))
	return &attackStart{k: k, a: a, rng: r}
}

// attackStart is an attack that has not begun; at its time it becomes the attack.
type attackStart struct {
	k   Kind
	a   Attack
	rng *rand.Rand
}

func (s *attackStart) step(g *Generator, now int64) (int64, bool) {
	g.add(now, s.k.begin(g, s.k, s.a, s.rng, now))
	return 0, false
}

// Describe says in a line what the generator does, for logs.
func (g *Generator) Describe() string {
	return fmt.Sprintf("demo office: %d workstations, %.0f packets/s, seed %d", g.cfg.Workstations, g.cfg.Rate, g.cfg.Seed)
}

// add puts an actor into the queue.
func (g *Generator) add(at int64, a actor) {
	g.order++
	g.queue = append(g.queue, entry{at, g.order, a})
	i := len(g.queue) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !before(&g.queue[i], &g.queue[up]) {
			break
		}
		g.queue[i], g.queue[up] = g.queue[up], g.queue[i]
		i = up
	}
}

// requeue moves the actor that has just stepped. It may have added others, but none
// earlier than itself, so that it still is the first.
func (g *Generator) requeue(next int64, ok bool) {
	if ok {
		g.order++
		g.queue[0].at, g.queue[0].order = next, g.order
	} else {
		last := len(g.queue) - 1
		g.queue[0] = g.queue[last]
		g.queue[last] = entry{}
		g.queue = g.queue[:last]
	}
	g.sink()
}

func (g *Generator) sink() {
	q := g.queue
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(q) {
			return
		}
		if c+1 < len(q) && before(&q[c+1], &q[c]) {
			c++
		}
		if !before(&q[c], &q[i]) {
			return
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
}

func before(a, b *entry) bool { return a.at < b.at || a.at == b.at && a.order < b.order }
