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

// SuiteConfig says how much to evaluate.
type SuiteConfig struct {
	Kinds  []string // of attacks; nil for all
	Seeds  int      // captures of each kind, with the seeds 1…Seeds
	Floors string   // file of floors; "" for those that ship with the source
	Record string   // file to write floors to, less the margins; "" for none
}

// The captures of the suite: a small office for a quarter of an hour, then the attack;
// and the office alone for an hour.
const (
	suiteRate   = 20 // benign packets a second
	suiteBefore = 15 * time.Minute
	suiteAfter  = 2 * time.Minute
	suiteAlone  = time.Hour
	suiteBenign = "benign"
)

// ErrRegression says that the suite fell short of its floors.
var ErrRegression = errors.New("detection is worse than it may be")

// Suite makes the captures of the suite and evaluates each; in parallel, one a core.
// It returns what was found with ErrRegression too.
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
			return nil, fmt.Errorf("attack %q is not known, there are %s", k, demo.Names())
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
				return // making the models of all that is left would take seconds
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
		return out, fmt.Errorf("%w: %d floors are not reached", ErrRegression, len(out.Regressions))
	}
	return out, nil
}

// suiteCapture is the office with an attack in it, whose rate depends on the seed: as
// usual, half of it, twice as much.
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

// evalDemo evaluates generated traffic, without a file in between.
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
