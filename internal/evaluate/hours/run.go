package hours

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/settings"
)

// Run makes the hours, places the attacks and returns what was found.
func Run(ctx context.Context, cfg *config.Config, c Config, opts settings.Options) (*Result, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	known := map[string]entry{}
	for _, name := range c.Index {
		if err := readIndex(name, known); err != nil {
			return nil, err
		}
	}
	out := &Result{Config: c}
	benign, err := c.open(ctx, cfg, c.Benign, "", benignFrames, opts, out)
	if err != nil {
		return nil, err
	}
	captures, err := c.open(ctx, cfg, c.Attacks, c.Only, attackFrames, opts, out)
	if err != nil {
		return nil, err
	}
	if len(benign) == 0 {
		return nil, fmt.Errorf("no benign captures with Ethernet frames in %s", strings.Join(c.Benign, ", "))
	}
	for _, r := range benign {
		r.within(span)
	}
	out.Pool = len(benign)
	hours, err := c.alone(ctx, cfg, benign)
	if err != nil {
		return nil, err
	}
	for _, h := range hours {
		out.Hours = append(out.Hours, h.hour)
	}
	if out.Attacks, err = c.under(ctx, cfg, hours, captures, known); err != nil {
		return nil, err
	}
	out.sum()
	return out, nil
}

// open finds and reads captures. Those without frames are noted in out.
func (c *Config) open(ctx context.Context, cfg *config.Config, paths []string, only string, most int, opts settings.Options, out *Result) ([]*recording, error) {
	files, err := find(paths, c.wants)
	if err != nil {
		return nil, err
	}
	all := make([]*recording, len(files))
	err = parallel(ctx, len(files), func() (func(int) error, error) {
		return func(i int) error {
			all[i] = &recording{path: files[i]}
			if strings.Contains(files[i], only) {
				all[i] = read(files[i], i, most, settings.Capture(cfg, nil, opts.Log))
			}
			return nil
		}, nil
	})
	if err != nil {
		return nil, err
	}
	var readable []*recording
	for _, r := range all {
		switch {
		case len(r.frames) > 0:
			readable = append(readable, r)
		case strings.Contains(r.path, only):
			why := errors.New("no Ethernet frames")
			if r.err != nil {
				why = r.err
			}
			out.Unread = append(out.Unread, fmt.Sprintf("%s: %v", filepath.Base(r.path), why))
		}
	}
	return readable, nil
}

// alone makes and scores the hour of each seed.
func (c *Config) alone(ctx context.Context, cfg *config.Config, captures []*recording) ([]*background, error) {
	out := make([]*background, len(c.Seeds))
	return out, parallel(ctx, len(out), func() (func(int) error, error) {
		return func(i int) error {
			h := c.lay(captures, c.Seeds[i])
			t, err := track(ctx, cfg, h.frames)
			if err != nil {
				return err
			}
			out[i], err = alone(ctx, cfg, c.Seeds[i], h, t.packets, at(c.At*float64(span)))
			return err
		}, nil
	})
}

// under places each attack in each hour.
func (c *Config) under(ctx context.Context, cfg *config.Config, hours []*background, captures []*recording, known map[string]entry) ([]Attack, error) {
	out := make([]Attack, len(captures))
	attacks := make([]*attack, len(captures))
	err := parallel(ctx, len(captures), func() (func(int) error, error) {
		return func(i int) (err error) {
			e, ok := known[filepath.Base(captures[i].path)]
			if !ok {
				e.kind = unknownKind
			}
			attacks[i], err = newAttack(ctx, cfg, c, captures[i], e)
			out[i].Runs = make([]AttackRun, len(hours))
			return err
		}, nil
	})
	if err != nil {
		return nil, err
	}
	err = parallel(ctx, len(attacks)*len(hours), func() (func(int) error, error) {
		d, err := newDetector(cfg)
		return func(i int) error {
			a, h := i/len(hours), i%len(hours)
			r, err := d.under(ctx, hours[h], attacks[a], c.After)
			if err != nil {
				return fmt.Errorf("%s, seed %d: %w", attacks[a].name, c.Seeds[h], err)
			}
			out[a].Runs[h] = *r
			return nil
		}, err
	})
	for i, a := range attacks {
		out[i].describe(a)
	}
	return out, err
}

// parallel calls a job for 0…n−1 from one goroutine per CPU, each with its own job function,
// until one fails or ctx ends.
func parallel(ctx context.Context, n int, worker func() (job func(i int) error, err error)) error {
	var next atomic.Int64
	var failed atomic.Bool
	workers := min(n, runtime.GOMAXPROCS(0))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			job, err := worker()
			for i := int(next.Add(1)) - 1; err == nil && i < n && !failed.Load(); i = int(next.Add(1)) - 1 {
				if err = ctx.Err(); err == nil {
					err = job(i)
				}
			}
			if errs[w] = err; err != nil {
				failed.Store(true)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
