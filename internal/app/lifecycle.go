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
	// run works until its context ends. An error other than context.Canceled stops the
	// process.
	run func(context.Context) error
	// finite stages end by themselves, for example at the end of a capture file. When all
	// finite stages have ended, pipeline.drained is called.
	finite bool
	// drain is called when the stages before this one have stopped, while this one still
	// runs, and returns when it has processed what they sent. Bounded by grace; may be nil.
	drain func(context.Context) error
	// grace is how long the stage may take to stop; 0 is defaultGrace.
	grace time.Duration
}

const (
	// defaultGrace bounds how long one stage may delay the stop of a process whose input
	// has ended, or in which another stage failed.
	defaultGrace = 10 * time.Second
	// stopBudget bounds the stop of all stages together after a signal: the process exits
	// within three seconds. Unfinished work is repeated at the next start.
	stopBudget = 2 * time.Second
)

// errGrace is the error of a stage that did not stop within its grace period.
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
	// drained is called when every finite stage has ended without an error, while the
	// others still run; when it returns, the process stops. Nil: it runs until ctx ends.
	drained func(context.Context) error
	// ready is called when every stage but the first, the source of the data, has been
	// started; may be nil.
	ready func()
}

// run returns nil when ctx has ended or the input has, or else the first failure, with
// the name of its stage. All stages have stopped when it returns.
func (p *pipeline) run(ctx context.Context) error {
	results := make(chan result, len(p.stages))
	cancels := make([]context.CancelFunc, len(p.stages))
	done := make([]chan struct{}, len(p.stages))
	for i := len(p.stages) - 1; i >= 0; i-- {
		// Not derived from ctx, because a signal stops the stages in order, not all at once.
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

// wait blocks until the process must stop and returns the failure, or nil.
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
				return fmt.Errorf("%s stopped unexpectedly", p.stages[r.index].name)
			}
			if finite--; finite == 0 && p.drained != nil {
				go func() { drained <- p.drained(drainCtx) }()
			}
		}
	}
}

// stop stops the stages in the order of the data.
func (p *pipeline) stop(left *allowance, cancels []context.CancelFunc, done []chan struct{}, results <-chan result) error {
	defer left.stop()
	var errs []error
	for i, s := range p.stages {
		grace := s.grace
		if grace == 0 {
			grace = defaultGrace
		}
		limit, end := left.limit(grace)
		err := s.drained(limit, done[i])
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

// drained waits until the stage has processed what earlier stages sent, the stage ends or
// limit does.
func (s *stage) drained(limit context.Context, done <-chan struct{}) error {
	if s.drain == nil {
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
	if err := s.drain(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("unprocessed records remain; they are processed after the next start: %w", err)
	}
	return nil
}
