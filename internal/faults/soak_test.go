package faults_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/faults"
)

var (
	soakFor   = flag.Duration("soak", 0, "duration of TestSoak; 0 skips it")
	soakRate  = flag.Int("soak-rate", 25_000, "packets per second of the soak: about half of the capacity of the machine")
	soakEvery = flag.Duration("soak-every", 30*time.Second, "interval between faults of the soak")
	soakOut   = flag.String("soak-out", "", "file name, without .csv and .svg, for the memory over time")
)

// soakStream returns the traffic of the soak: a large office, generated while it is read, up
// to that number of packets.
func soakStream(t *testing.T, packets uint64) io.Reader {
	t.Helper()
	cfg := demo.DefaultConfig()
	cfg.Rate, cfg.Workstations = 8000, 100
	g, err := demo.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	go func() {
		_, err := demo.WriteCapture(context.Background(), g, packets, w, nil)
		w.CloseWithError(err)
	}()
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// seat is a slot for an engine with a separate network.
type seat struct {
	net    *faults.Proxy
	engine *faults.Process
}

// soak is the state of TestSoak.
type soak struct {
	t     *testing.T
	r     *faults.Rig
	seats []*seat
	log   *recording
	rng   *rand.Rand
	went  map[string]int
}

// TestSoak runs a complete NetLyra for -soak at a constant rate and injects a fault every
// -soak-every, all kinds in random order. No packet or alert may be lost or duplicated, and
// memory must not grow:
//
//	go test ./internal/faults -run TestSoak -timeout 2h -soak 30m -partitions 3 -soak-out ../../docs/soak
func TestSoak(t *testing.T) {
	if *soakFor == 0 {
		t.Skip("skipped: set -soak 30m")
	}
	packets := uint64(soakFor.Seconds() * float64(*soakRate))
	ref := faults.AnalyzeStream(t, *soakFor+5*time.Minute, soakStream(t, packets), nil)
	cfg := config()
	cfg.Engines, cfg.Encoding, cfg.MemoryCap = 0, "packed", 1<<30
	// With a small retention, memory is soon stable, and back-pressure is tested too.
	cfg.Env = map[string]string{"PACKETS_RETENTION_BYTES": "64MiB", "PACKETS_RETENTION": "2m", "CONNECTION_RETENTION": "1m", "CHECKPOINT_EVERY": "2s"}
	s := &soak{t: t, r: faults.New(t, cfg), rng: rand.New(rand.NewPCG(uint64(*seed), 4)), went: map[string]int{}}
	for range 2 {
		p := &seat{net: faults.NewProxy(t, s.r.Address)}
		p.engine = s.r.StartEngine(p.net.Addr())
		s.seats = append(s.seats, p)
	}
	s.log = record(s.r)
	replay := s.r.ReplayAt(s.r.Address, soakStream(t, packets), "-", *soakRate)
	s.strike(replay)
	s.r.Check(replay, ref)
	s.log.stop()
	t.Logf("%d packets, %d alerts, faults: %v", ref.Packets, len(ref.Alerts), s.went)
	for name, peak := range s.r.Peaks() {
		t.Logf("%s: at most %d MiB", name, peak>>20)
	}
	s.log.report(t)
}

// strike injects a fault every -soak-every until the replay ends.
func (s *soak) strike(replay *faults.Process) {
	s.t.Helper()
	kinds := []struct {
		name string
		do   func()
	}{
		{"engine kill -9", s.killEngine}, {"core kill -9", s.killCore}, {"broker kill -9", s.killBroker},
		{"network cut", s.cut}, {"network silent", s.silence}, {"slow network", s.slow}, {"engine suspended", s.suspend},
	}
	turn := time.NewTicker(*soakEvery)
	defer turn.Stop()
	ended := time.NewTicker(100 * time.Millisecond)
	defer ended.Stop()
	var order []int
	for {
		select {
		case <-ended.C:
			if !replay.Running() {
				return
			}
			continue
		case <-turn.C:
		}
		if len(order) == 0 {
			order = s.rng.Perm(len(kinds))
		}
		k := kinds[order[0]]
		order = order[1:]
		s.log.mark(k.name)
		s.went[k.name]++
		k.do()
	}
}

// any returns a random seat.
func (s *soak) any() *seat { return s.seats[s.rng.IntN(len(s.seats))] }

// moved waits until the models have processed more packets than after.
func (s *soak) moved(after uint64) {
	s.t.Helper()
	faults.Eventually(s.t, 2*time.Minute, fmt.Sprintf("more than %d packets processed", after), func() bool { return s.r.Taken() > after })
}

func (s *soak) killEngine() {
	p := s.any()
	before := s.r.Taken()
	p.engine.Kill()
	p.engine = s.r.StartEngine(p.net.Addr())
	s.moved(before)
}

func (s *soak) killCore() {
	s.r.Core.Kill()
	s.r.StartCore()
}

func (s *soak) killBroker() {
	before := s.r.Taken()
	s.r.Broker.Kill()
	s.r.StartBroker()
	s.moved(before)
}

func (s *soak) cut() {
	p := s.any()
	p.net.Cut()
	waitMembers(s.t, s.r, len(s.seats)-1)
	p.net.Heal()
	waitMembers(s.t, s.r, len(s.seats))
}

func (s *soak) silence() {
	p := s.any()
	p.net.Silence()
	waitMembers(s.t, s.r, len(s.seats)-1)
	p.net.Heal()
	waitMembers(s.t, s.r, len(s.seats))
}

func (s *soak) slow() {
	for _, p := range s.seats {
		p.net.Slow(20*time.Millisecond, 8<<20)
	}
	s.moved(s.r.Taken() + uint64(5**soakRate)) // about five seconds
	for _, p := range s.seats {
		p.net.Heal()
	}
}

func (s *soak) suspend() {
	p := s.any()
	p.engine.Suspend()
	waitMembers(s.t, s.r, len(s.seats)-1)
	p.engine.Resume()
	waitMembers(s.t, s.r, len(s.seats))
}

// recording is the memory of each process over time.
type recording struct {
	r          *faults.Rig
	began      time.Time
	quit, done chan struct{}
	series     map[string][]faults.Point
	taken      []faults.Point
	marks      []faults.Mark
}

// record samples the processes each second until stop.
func record(r *faults.Rig) *recording {
	c := &recording{r: r, began: time.Now(), quit: make(chan struct{}), done: make(chan struct{}), series: map[string][]faults.Point{}}
	go func() {
		defer close(c.done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-c.quit:
				return
			case <-tick.C:
				c.sample()
			}
		}
	}()
	return c
}

// sample records the total memory by process name, so that all engines are one line.
func (c *recording) sample() {
	at := time.Since(c.began).Seconds()
	sums := map[string]float64{}
	for _, p := range c.r.Processes() {
		if now, _ := p.Memory(); now > 0 {
			sums[p.Name] += float64(now) / (1 << 20)
		}
	}
	for name, v := range sums {
		c.series[name] = append(c.series[name], faults.Point{X: at, Y: v})
	}
	c.taken = append(c.taken, faults.Point{X: at, Y: float64(c.r.Taken())})
}

// mark is called by the goroutine of the test; marks are read after stop.
func (c *recording) mark(text string) {
	c.marks = append(c.marks, faults.Mark{X: time.Since(c.began).Seconds(), Text: text})
}

func (c *recording) stop() { close(c.quit); <-c.done }

// report compares the memory of the last quarter with that of the second, and writes it to a
// file if -soak-out is set. It allows half as much again plus a few megabytes, because
// every fault changes which engine was restarted and which has the model.
func (c *recording) report(t *testing.T) {
	t.Helper()
	var lines []faults.Series
	for _, name := range []string{"broker", "core", "engine", "replay"} {
		points := c.series[name]
		if len(points) < 20 {
			continue
		}
		label := name
		if name == "engine" {
			label = "engines (2)"
		}
		lines = append(lines, faults.Series{Name: label, Points: points})
		n := len(points)
		early, late := median(points[n/4:n/2]), median(points[n*3/4:])
		t.Logf("%s: median of memory in the second quarter %.0f MiB, in the last %.0f MiB", label, early, late)
		if *soakFor >= 10*time.Minute && late > early*3/2+64 {
			t.Errorf("%s grows", label)
		}
	}
	if *soakOut == "" {
		return
	}
	plot := faults.Plot{
		Title:  fmt.Sprintf("Memory over %v at %d packets/s, a fault every %v (dashed)", *soakFor, *soakRate, *soakEvery),
		XLabel: "seconds", YLabel: "resident memory, MiB", Series: lines, Marks: c.marks, Gap: 3,
	}
	write(t, *soakOut+".svg", plot.WriteSVG)
	write(t, *soakOut+".csv", func(w io.Writer) error { return c.csv(w, lines) })
}

func (c *recording) csv(w io.Writer, lines []faults.Series) error {
	_, err := fmt.Fprintln(w, "seconds,what,value")
	for _, s := range append(lines, faults.Series{Name: "packets processed", Points: c.taken}) {
		for _, p := range s.Points {
			if err == nil {
				_, err = fmt.Fprintf(w, "%.1f,%s,%.0f\n", p.X, s.Name, p.Y)
			}
		}
	}
	for _, m := range c.marks {
		if err == nil {
			_, err = fmt.Fprintf(w, "%.1f,fault,%s\n", m.X, m.Text)
		}
	}
	return err
}

func median(points []faults.Point) float64 {
	var ys []float64
	for _, p := range points {
		ys = append(ys, p.Y)
	}
	slices.Sort(ys)
	return ys[len(ys)/2]
}

func write(t *testing.T, path string, content func(io.Writer) error) {
	t.Helper()
	f, err := os.Create(path)
	if err == nil {
		if err = content(f); err == nil {
			err = f.Close()
		}
	}
	if err != nil {
		t.Error(err)
	}
}
