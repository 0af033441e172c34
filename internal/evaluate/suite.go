package evaluate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/evaluate/measure"
)

// SuiteConfig configures an evaluation of the suite.
type SuiteConfig struct {
	Kinds  []string // of attacks; nil for all
	Seeds  int      // captures of each kind, with the seeds 1…Seeds
	Floors string   // file of floors; "" for the embedded ones
	Record string   // file to write new floors to; "" for none
}

// The captures of the suite: 15 minutes of a small office, then the attack;
// and one hour of the office alone.
const (
	suiteRate   = 20 // benign packets per second
	suiteBefore = 15 * time.Minute
	suiteAfter  = 2 * time.Minute
	suiteAlone  = time.Hour
	suiteBenign = "benign"
)

// ErrRegression reports that the suite did not reach its floors.
var ErrRegression = errors.New("detection is below its floors")

// Suite generates the captures of the suite and evaluates them in parallel, one per core.
// With ErrRegression it returns the results too.
func Suite(ctx context.Context, cfg *config.Config, s SuiteConfig) (*measure.Suite, error) {
	floors, err := readFloors(s.Floors)
	if err != nil {
		return nil, err
	}
	if s.Kinds == nil {
		s.Kinds = demo.Names()
	}
	for _, k := range s.Kinds {
		if _, ok := demo.Lookup(k); !ok {
			return nil, fmt.Errorf("unknown attack %q; available: %s", k, demo.Names())
		}
	}
	names := append(slices.Clone(s.Kinds), suiteBenign)
	results := make([]*measure.Result, len(names)*s.Seeds)
	errs := make([]error, len(results))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range results {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if errs[i] = ctx.Err(); errs[i] != nil {
				return // creating the models of the remaining captures would take seconds
			}
			results[i], errs[i] = evalDemo(ctx, cfg, suiteCapture(names[i/s.Seeds], uint64(i%s.Seeds)+1))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out := &measure.Suite{Seeds: s.Seeds}
	for i, name := range names {
		k := measure.KindOf(name, results[i*s.Seeds:(i+1)*s.Seeds])
		if name == suiteBenign {
			out.Benign = k
		} else {
			out.Kinds = append(out.Kinds, k)
		}
	}
	if s.Record != "" {
		return out, writeFloors(s.Record, measure.Record(out))
	}
	if out.Regressions = floors.Check(out); len(out.Regressions) > 0 {
		return out, fmt.Errorf("%w: %d floors not reached", ErrRegression, len(out.Regressions))
	}
	return out, nil
}

// suiteCapture generates the office with an attack, whose rate depends on the seed: the
// default, half of it, or twice as much.
func suiteCapture(kind string, seed uint64) demo.Config {
	c := demo.DefaultConfig()
	c.Seed, c.Rate, c.Rotation, c.Duration = seed, suiteRate, nil, suiteAlone
	if k, ok := demo.Lookup(kind); ok {
		rate := k.Rate * [...]float64{2, 1, 0.5}[seed%3]
		c.Attacks = []demo.Attack{{Kind: kind, At: suiteBefore, Rate: rate}}
		c.Duration = suiteBefore + k.For + suiteAfter
	}
	return c
}

// evalDemo evaluates generated traffic without a file.
func evalDemo(ctx context.Context, cfg *config.Config, d demo.Config) (*measure.Result, error) {
	g, err := demo.New(d)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range d.Attacks {
		names = append(names, a.Kind)
	}
	run, err := newEvaluation(cfg, g, names, func(int) int { return slices.Index(names, g.Label()) })
	if err != nil {
		return nil, err
	}
	if err := run.read(ctx); err != nil {
		return nil, err
	}
	return run.capture.Result(), nil
}

func readFloors(name string) (*measure.Floors, error) {
	if name == "" {
		return measure.DefaultFloors()
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return measure.ParseFloors(b, name)
}

func writeFloors(name string, f *measure.Floors) error {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o666)
}
