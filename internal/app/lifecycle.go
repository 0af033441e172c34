package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// stage is one long-running part of a process.
type stage struct {
	name string
	// run works until its context ends; what it returns other than
	// context.Canceled ends the process.
	run func(context.Context) error
	// finite stages end by themselves (a capture file); when all finite stages of a
	// process have ended, finish is called.
	finite bool
	// before is called when the stages before this one have stopped, while it still
	// runs: what is on its way to it may arrive. Bounded by grace; nil: nothing to wait for.
	before func(context.Context) error
	// grace is how long the stage may take to end after its context has (0: defaultGrace).
	grace time.Duration
}

const (
	// defaultGrace bounds how long one stage may delay the stop of a process whose input
	// is used up, or in which another stage failed.
	defaultGrace = 10 * time.Second
	// stopBudget bounds the stop of all stages together after a signal: the process ends
	// within three seconds of it. What a stage could not finish by then is done again at
	// the next start.
	stopBudget = 2 * time.Second
)

// errGrace is the end of a stage that did not end in time.
var errGrace = errors.New("did not stop in time")

// result is how a stage ended.
type result struct {
	index int
	err   error
}

// pipeline runs stages, given in the order of the data. They start last to first
// and stop first to last, each waiting for the one before it.
type pipeline struct {
	stages []stage
	log    *slog.Logger
	// drained is called when every finite stage has ended well, while the others
	// still run; when it returns, the process stops. Nil: it goes on until ctx ends.
	drained func(context.Context) error
	// ready is called when every stage but the first, the source of the data, has been
	// started; nil: nobody wants to know.
	ready func()
}

// run blocks until the process is over. It returns nil where ctx ended or the input
// was used up, else what failed first, with the name of its stage.
func (p *pipeline) run(ctx context.Context) error {
	results := make(chan result, len(p.stages))
	cancels := make([]context.CancelFunc, len(p.stages))
	done := make([]chan struct{}, len(p.stages))
	for i := len(p.stages) - 1; i >= 0; i-- {
		// Not derived from ctx: an interrupt stops the stages in order, not all at once.
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		cancels[i], done[i] = cancel, make(chan struct{})
		if i == 0 && p.ready != nil {
			p.ready()
		}
		go func() {
			err := p.stages[i].run(own)
			close(done[i])
			results <- result{i, err}
		}()
	}
	first := p.wait(ctx, results)
	return errors.Join(first, p.stop(newAllowance(ctx), cancels, done, results))
}

// wait blocks until the process should stop and says why, nil for a good end.
func (p *pipeline) wait(ctx context.Context, results <-chan result) error {
	finite := 0
	for _, s := range p.stages {
		if s.finite {
			finite++
		}
	}
	drained := make(chan error, 1)
	drainCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-drained:
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		case r := <-results:
			if r.err != nil && !errors.Is(r.err, context.Canceled) {
				return fmt.Errorf("%s: %w", p.stages[r.index].name, r.err)
			}
			if !p.stages[r.index].finite {
				return fmt.Errorf("%s ended by itself", p.stages[r.index].name)
			}
			if finite--; finite == 0 && p.drained != nil {
				go func() { drained <- p.drained(drainCtx) }()
			}
		}
	}
}

// stop ends the stages in the order of the data.
func (p *pipeline) stop(left *allowance, cancels []context.CancelFunc, done []chan struct{}, results <-chan result) error {
	defer left.stop()
	var errs []error
	for i, s := range p.stages {
		grace := s.grace
		if grace == 0 {
			grace = defaultGrace
		}
		limit, end := left.limit(grace)
		err := s.arrive(limit, done[i])
		end()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
		}
		cancels[i]()
		limit, end = left.limit(grace)
		select {
		case <-done[i]:
		case <-limit.Done():
			errs = append(errs, fmt.Errorf("%s: %w", s.name, errGrace))
		}
		end()
	}
	for {
		select {
		case r := <-results:
			if r.err != nil && !errors.Is(r.err, context.Canceled) {
				errs = append(errs, fmt.Errorf("%s, while stopping: %w", p.stages[r.index].name, r.err))
			}
		default:
			return errors.Join(errs...)
		}
	}
}

// arrive waits for what is on its way to the stage, as long as the stage lives and until
// limit ends.
func (s *stage) arrive(limit context.Context, done <-chan struct{}) error {
	if s.before == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(limit)
	defer cancel()
	go func() {
		select {
		case <-done:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := s.before(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("left work behind, which is done at the next start: %w", err)
	}
	return nil
}
