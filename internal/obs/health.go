package obs

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Overall health of a process, and the state of a component without conditions.
const (
	StatusOK       = "ok"
	StatusDegraded = "degraded"
)

// Health holds the state of each component of one process: nil, or an error that is one
// condition or several (see Degraded, Join). The zero value is ready to use and reports
// StatusOK. All methods may be called from any goroutine.
type Health struct {
	mu     sync.Mutex
	states map[string]error
	checks map[string]func() error
}

// NewHealth returns a Health without components.
func NewHealth() *Health { return &Health{} }

// HealthSnapshot is the health of a process at one moment.
type HealthSnapshot struct {
	Status     string                 // StatusOK, or StatusDegraded if any condition is more than info
	Ready      bool                   // no condition is failed: the process can do its work
	Components map[string]string      // "ok", or the texts of the component's conditions
	Conditions []vocabulary.Condition // by component; may be empty, never nil
}

// Set sets the state of a component; nil is healthy.
func (h *Health) Set(component string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.states == nil {
		h.states = map[string]error{}
	}
	h.states[component] = err
}

// Check registers a function that is called for the component's state at each Snapshot,
// on the caller's goroutine. It must not block. A state from Set shows while the check
// returns nil.
func (h *Health) Check(component string, check func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = map[string]func() error{}
	}
	h.checks[component] = check
}

// Heartbeat watches a component that must call beat at least once per limit of wall
// clock. The first limit begins now.
func (h *Health) Heartbeat(component string, limit time.Duration) (beat func()) {
	var mu sync.Mutex
	last := time.Now()
	h.Check(component, func() error {
		mu.Lock()
		defer mu.Unlock()
		if silent := time.Since(last); silent > limit {
			return Failed(vocabulary.ConditionUnresponsive, Params{"seconds": silent.Seconds()}, "unresponsive for %s", silent.Round(time.Second))
		}
		return nil
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		last = time.Now()
	}
}

// Snapshot returns the health now.
func (h *Health) Snapshot() HealthSnapshot {
	states := h.collect()
	s := HealthSnapshot{
		Status: StatusOK, Ready: true, Components: make(map[string]string, len(states)), Conditions: []vocabulary.Condition{},
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		err := states[name]
		if err == nil {
			s.Components[name] = StatusOK
			continue
		}
		s.Components[name] = err.Error()
		for _, c := range conditions(name, err) {
			if c.Severity != vocabulary.SeverityInfo {
				s.Status = StatusDegraded
			}
			s.Ready = s.Ready && c.Severity != vocabulary.SeverityFailed
			s.Conditions = append(s.Conditions, c)
		}
	}
	return s
}

// Ready reports whether the process can do its work: no condition is failed.
func (h *Health) Ready() bool { return h.Snapshot().Ready }

// collect calls the checks without the lock, so that a check may call Set.
func (h *Health) collect() map[string]error {
	h.mu.Lock()
	all, checks := maps.Clone(h.states), maps.Clone(h.checks)
	h.mu.Unlock()
	if all == nil {
		all = map[string]error{}
	}
	for name, check := range checks {
		if err := check(); err != nil || all[name] == nil {
			all[name] = err
		}
	}
	return all
}
