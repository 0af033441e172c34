package obs

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/models"
)

// Ledger has the counts of the stages of one process, in the order in which they were
// created, which is the order of the data. It may be used from any goroutine.
type Ledger struct {
	mu     sync.Mutex
	stages []*Stage
}

// Stage returns the stage with that code of package vocabulary, created at the first call.
func (l *Ledger) Stage(name string) *Stage {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.stages {
		if s.name == name {
			return s
		}
	}
	s := &Stage{name: name}
	l.stages = append(l.stages, s)
	return s
}

// Counts returns a copy of all counts. Running stages are read one after the other, the
// last one first: what a stage has counted, the stages before it have counted too. So of
// two stages the earlier is never behind, and the difference is what is in flight.
func (l *Ledger) Counts() []models.StageCounts {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]models.StageCounts, len(l.stages))
	for i, s := range slices.Backward(l.stages) {
		out[i] = s.Counts()
	}
	return out
}

// Stage counts what passes one stage. The zero value is ready to use; a nil Stage counts
// nothing. It may be used from any goroutine.
type Stage struct {
	name           string
	in, out, bytes atomic.Uint64
	mu             sync.Mutex
	dropped        map[string]*atomic.Uint64
}

// In counts n that came in, with their wire bytes (0 if the stage does not know them).
func (s *Stage) In(n, bytes uint64) {
	if s != nil {
		s.in.Add(n)
		s.bytes.Add(bytes)
	}
}

// Out counts n that were passed on.
func (s *Stage) Out(n uint64) {
	if s != nil {
		s.out.Add(n)
	}
}

// Drop counts n that were dropped for a reason, a Drop… code of package vocabulary. Each
// reason is kept for the life of the process.
func (s *Stage) Drop(reason string, n uint64) {
	if s == nil || n == 0 {
		return
	}
	s.Reason(reason).Add(n)
}

// Reason returns the counter of a reason, for callers that drop on the hot path.
func (s *Stage) Reason(reason string) *atomic.Uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.dropped[reason]
	if c == nil {
		if s.dropped == nil {
			s.dropped = map[string]*atomic.Uint64{}
		}
		c = new(atomic.Uint64)
		s.dropped[reason] = c
	}
	return c
}

// Counts returns a copy of the counts. Out is read before In, so it is never larger.
func (s *Stage) Counts() models.StageCounts {
	c := models.StageCounts{Stage: s.name, Bytes: s.bytes.Load()}
	s.mu.Lock()
	for r, n := range s.dropped {
		if v := n.Load(); v > 0 {
			if c.Dropped == nil {
				c.Dropped = map[string]uint64{}
			}
			c.Dropped[r] = v
		}
	}
	s.mu.Unlock()
	c.Out = s.out.Load()
	c.In = s.in.Load()
	return c
}
