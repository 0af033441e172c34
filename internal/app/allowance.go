package app

import (
	"context"
	"sync"
	"time"
)

// allowance divides the time that a process has to stop among its stages. Before a
// signal each has its own grace; after one, half of what is left of stopBudget, so that
// a stage that cannot finish, for a broker is away, leaves time for those after it.
// One goroutine uses it.
type allowance struct {
	signal   context.Context // ends with the signal
	detach   func() bool
	mu       sync.Mutex
	deadline time.Time // zero before the signal
}

// newAllowance starts to count when signal ends.
func newAllowance(signal context.Context) *allowance {
	a := &allowance{signal: signal}
	if signal.Err() != nil {
		a.begin()
	} else {
		a.detach = context.AfterFunc(signal, a.begin)
	}
	return a
}

func (a *allowance) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.deadline = time.Now().Add(stopBudget)
}

func (a *allowance) stop() {
	if a.detach != nil {
		a.detach()
	}
}

// share is what one more stage may take of the budget.
func (a *allowance) share() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.deadline.IsZero() { // the signal has come this moment
		return stopBudget / 2
	}
	return max(time.Until(a.deadline)/2, 0)
}

// limit is a context that ends after grace, or, from the signal on, with the stage's
// share of the budget where that is earlier. It has none of signal's values or ends.
func (a *allowance) limit(grace time.Duration) (context.Context, context.CancelFunc) {
	if a.signal.Err() != nil {
		return context.WithTimeout(context.Background(), min(grace, a.share()))
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	detach := context.AfterFunc(a.signal, func() {
		t := time.NewTimer(a.share())
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { detach(); cancel() }
}
