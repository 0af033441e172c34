package pcapfile

import (
	"errors"
	"io"
	"sync"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// multiSource is several files, one after the other. One is open at a time.
type multiSource struct {
	rest  []string
	opts  capture.Options
	total int64 // bytes of all files, 0 if one is a pipe
	err   error
	times fileTimes

	mu   sync.Mutex // guards the fields below
	cur  *fileSource
	done int64         // bytes of the finished files
	past capture.Stats // sums of the finished files
}

// OpenAll opens captures that are read one after the other, without merging by time. It
// checks that all files exist; their content is checked when they are reached.
func OpenAll(paths []string, opts capture.Options) (capture.Source, error) {
	if len(paths) == 0 {
		return nil, errors.New("open captures: no file given")
	}
	if len(paths) == 1 {
		return Open(paths[0], opts)
	}
	m := &multiSource{rest: paths, opts: opts, past: capture.Stats{ByReason: map[string]uint64{}}}
	known := true
	for _, p := range paths {
		if p == "-" {
			known = false
			continue
		}
		n, err := fileSize(p)
		if err != nil {
			return nil, err
		}
		m.total += n
		known = known && n > 0
	}
	if !known {
		m.total = 0
	}
	if err := m.open(); err != nil {
		return nil, err
	}
	return m, nil
}

// open opens the next file.
func (m *multiSource) open() error {
	s, err := openFile(m.rest[0], m.opts)
	if err != nil {
		m.err = err
		return err
	}
	m.rest = m.rest[1:]
	m.mu.Lock()
	m.cur = s
	m.mu.Unlock()
	return nil
}

func (m *multiSource) Next(f *models.Frame) error {
	if m.err != nil {
		return m.err
	}
	for {
		err := m.cur.Next(f)
		if err == nil {
			m.times.see(m.cur.name, f.TS, m.opts.Log)
			return nil
		}
		if err != io.EOF || len(m.rest) == 0 {
			m.err = err
			return err
		}
		if err := m.finish(); err != nil {
			m.err = err
			return err
		}
		if err := m.open(); err != nil {
			return err
		}
	}
}

// finish closes the current file and keeps its counts.
func (m *multiSource) finish() error {
	err := m.cur.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.past = add(m.past, m.cur.Stats())
	done, _ := m.cur.Progress()
	m.done += done
	m.cur = nil
	return err
}

func (m *multiSource) Close() error {
	m.err = io.ErrClosedPipe
	if m.cur == nil {
		return nil
	}
	return m.finish()
}

func (m *multiSource) Stats() capture.Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := add(capture.Stats{ByReason: map[string]uint64{}}, m.past)
	if m.cur != nil {
		s = add(s, m.cur.Stats())
	}
	return s
}

func (m *multiSource) Progress() (done, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	done = m.done
	if m.cur != nil {
		n, _ := m.cur.Progress()
		done += n
	}
	return done, m.total
}

// add returns the sum of a and b. It modifies the map of a.
func add(a, b capture.Stats) capture.Stats {
	a.Received += b.Received
	a.Dropped += b.Dropped
	for r, n := range b.ByReason {
		a.ByReason[r] += n
	}
	return a
}
