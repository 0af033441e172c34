package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a stage that does not end before the test does.
func stuck(name string, test context.Context) stage {
	return stage{name: name, grace: time.Hour, run: func(context.Context) error { <-test.Done(); return nil },
		before: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
}

// TestStopAfterASignalHasOneBudget: however many stages cannot finish, and whatever
// their own graces, and those that can have their turn.
func TestStopAfterASignalHasOneBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, end := context.WithCancel(context.Background())
		ctx, signal := context.WithCancel(t.Context())
		var j journal
		p := pipeline{stages: []stage{stuck("sensor", over), stuck("engine", over), stuck("recorder", over), j.until("ledger")}}
		begun := time.Now()
		time.AfterFunc(time.Minute, signal)
		err := p.run(ctx)
		if took := time.Since(begun) - time.Minute; took > stopBudget {
			t.Errorf("it took %v after the signal, want at most %v", took, stopBudget)
		}
		if !errors.Is(err, errGrace) {
			t.Errorf("got %v, want it said that stages did not stop", err)
		}
		if !slices.Equal(j.lines, []string{"ledger"}) {
			t.Errorf("stages that can stop must have their turn, got %v", j.lines)
		}
		end()
	})
}

// TestSignalShortensAStopThatIsUnderWay: the input is used up, a stage takes its time,
// and then the signal comes.
func TestSignalShortensAStopThatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, end := context.WithCancel(context.Background())
		ctx, signal := context.WithCancel(t.Context())
		p := pipeline{
			stages:  []stage{{name: "source", finite: true, run: func(context.Context) error { return nil }}, stuck("recorder", over)},
			drained: func(context.Context) error { return nil },
		}
		begun := time.Now()
		time.AfterFunc(time.Minute, signal)
		if err := p.run(ctx); !errors.Is(err, errGrace) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(begun) - time.Minute; took < 0 || took > stopBudget {
			t.Errorf("it ended %v after the signal, want 0 to %v", took, stopBudget)
		}
		end()
	})
}

// TestGracesStandWithoutASignal: a replay that ends waits for its broker as before.
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
