package obs

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Overall health.
const (
	StatusOK       = "ok"
	StatusDegraded = "degraded"
)

// Health is what each component of one process says of itself. The zero value is
// ready: a process without components is well.
type Health struct {
	mu     sync.Mutex
	said   map[string]error
	checks map[string]func() error
}

// NewHealth is a Health without components.
func NewHealth() *Health { return &Health{} }

// minor marks an error that leaves the pipeline able to do its work.
type minor struct{ error }

func (m minor) Unwrap() error { return m.error }

// Minor marks err as one that degrades the process and does not stop its work: a
// slow client, a queue that fills. Nil stays nil.
func Minor(err error) error {
	if err == nil {
		return nil
	}
	return minor{err}
}

// Together makes one line of several errors, nil of none.
func Together(errs ...error) error {
	var texts []string
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

// remark marks what is no trouble at all, but should be seen.
type remark struct{ error }

func (r remark) Unwrap() error { return r.error }

// Set says how a component is: nil is well.
func (h *Health) Set(component string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.said == nil {
		h.said = map[string]error{}
	}
	h.said[component] = err
}

// Check has the component asked at each Snapshot. The check runs on the asker's
// goroutine and must not block.
func (h *Health) Check(component string, check func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = map[string]func() error{}
	}
	h.checks[component] = check
}

// Heartbeat watches a component that must give a sign of life at least every limit
// of wall clock; beat is that sign. The first one counts as given now.
func (h *Health) Heartbeat(component string, limit time.Duration) (beat func()) {
	var mu sync.Mutex
	last := time.Now()
	h.Check(component, func() error {
		mu.Lock()
		defer mu.Unlock()
		if silent := time.Since(last); silent > limit {
			return fmt.Errorf("no sign of life for %s", silent.Round(time.Second))
		}
		return nil
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		last = time.Now()
	}
}

// Snapshot is "ok" or "degraded", and for each component "ok" or what is to be said.
func (h *Health) Snapshot() (status string, components map[string]string) {
	status, components = StatusOK, map[string]string{}
	for name, err := range h.collect() {
		components[name] = StatusOK
		if err == nil {
			continue
		}
		components[name] = err.Error()
		if !errors.As(err, new(remark)) {
			status = StatusDegraded
		}
	}
	return status, components
}

// Ready reports whether the process can do its work: no component has an error
// that is more than Minor.
func (h *Health) Ready() bool {
	for _, err := range h.collect() {
		if err != nil && !errors.As(err, new(minor)) && !errors.As(err, new(remark)) {
			return false
		}
	}
	return true
}

// collect asks the checks outside of the lock, so that a check may call Set.
func (h *Health) collect() map[string]error {
	h.mu.Lock()
	all := make(map[string]error, len(h.said)+len(h.checks))
	for name, err := range h.said {
		all[name] = err
	}
	checks := make(map[string]func() error, len(h.checks))
	for name, check := range h.checks {
		checks[name] = check
	}
	h.mu.Unlock()
	for name, check := range checks {
		if err := check(); err != nil || all[name] == nil {
			all[name] = err
		}
	}
	return all
}
