package app

import (
	"context"
	"sync"
	"time"
)

// allowance divides the time that a process has for stopping among its stages. Before a
// signal each stage has its own grace period; after one, half of the rest of stopBudget, so
// that a stage that cannot finish, because a broker is unreachable, leaves time for those
// after it. One goroutine uses it.
type allowance struct {
	signal   context.Context // ends with the signal
	detach   func() bool
	mu       sync.Mutex
	deadline time.Time // zero before the signal
}

// newAllowance returns an allowance whose budget starts when signal ends.
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

// share returns how long the next stage may take.
func (a *allowance) share() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.deadline.IsZero() { // the signal has just arrived
		return stopBudget / 2
	}
	return max(time.Until(a.deadline)/2, 0)
}

// limit returns a context that ends after grace, or after the signal with the stage's
// share of the budget if that is earlier. It does not inherit from signal.
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
