package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// stuck returns a stage that does not stop until the test ends.
func stuck(name string, test context.Context) stage {
	return stage{name: name, grace: time.Hour, run: func(context.Context) error { <-test.Done(); return nil },
		drain: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
}

// TestStopAfterASignalHasOneBudget checks that the budget holds for any number of stages
// that cannot finish, whatever their grace periods, and that the other stages are stopped.
func TestStopAfterASignalHasOneBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, end := context.WithCancel(context.Background())
		ctx, signal := context.WithCancel(t.Context())
		var j journal
		p := pipeline{stages: []stage{stuck("sensor", over), stuck("engine", over), stuck("recorder", over), j.until("ledger")}}
		started := time.Now()
		time.AfterFunc(time.Minute, signal)
		err := p.run(ctx)
		if took := time.Since(started) - time.Minute; took > stopBudget {
			t.Errorf("it took %v after the signal, want at most %v", took, stopBudget)
		}
		if !errors.Is(err, errGrace) {
			t.Errorf("got %v, want an error about stages that did not stop", err)
		}
		if !slices.Equal(j.lines, []string{"ledger"}) {
			t.Errorf("stages after a stuck one were not stopped: %v", j.lines)
		}
		end()
	})
}

// TestSignalShortensAStopThatIsUnderWay checks a signal that arrives while a stage stops
// slowly after the end of the input.
func TestSignalShortensAStopThatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, end := context.WithCancel(context.Background())
		ctx, signal := context.WithCancel(t.Context())
		p := pipeline{
			stages:  []stage{{name: "source", finite: true, run: func(context.Context) error { return nil }}, stuck("recorder", over)},
			drained: func(context.Context) error { return nil },
		}
		started := time.Now()
		time.AfterFunc(time.Minute, signal)
		if err := p.run(ctx); !errors.Is(err, errGrace) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(started) - time.Minute; took < 0 || took > stopBudget {
			t.Errorf("stopped %v after the signal, want 0 to %v", took, stopBudget)
		}
		end()
	})
}

// TestGracesStandWithoutASignal checks that a replay at its end waits for its broker.
func TestGracesStandWithoutASignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := stage{name: "engine", grace: time.Minute, run: func(ctx context.Context) error {
			<-ctx.Done()
			<-time.After(50 * time.Second)
			return nil
		}}
		p := pipeline{
			stages:  []stage{{name: "source", finite: true, run: func(context.Context) error { return nil }}, slow},
			drained: func(context.Context) error { return nil },
		}
		if err := p.run(t.Context()); err != nil {
			t.Errorf("a stage within its grace: %v", err)
		}
	})
}
