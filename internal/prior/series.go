package prior

import (
	"errors"
	"io"
	"sync"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/models"
)

// series is a source of files, one after the other, that knows which file the last frame is from.
type series struct {
	files []string
	opts  capture.Options
	next  int // file to open

	mu   sync.Mutex // guards the fields below for Stats
	cur  capture.Source
	past uint64 // frames of finished files
}

// Next implements capture.Source.
func (s *series) Next(f *models.Frame) error {
	for {
		if s.cur == nil {
			if s.next == len(s.files) {
				return io.EOF
			}
			src, err := pcapfile.Open(s.files[s.next], s.opts)
			if err != nil {
				return err
			}
			s.next++
			s.mu.Lock()
			s.cur = src
			s.mu.Unlock()
		}
		err := s.cur.Next(f)
		if !errors.Is(err, io.EOF) {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
}

// at is the number of the file that the last frame is from.
func (s *series) at() int { return s.next - 1 }

// Close implements capture.Source. It closes the open file.
func (s *series) Close() error {
	if s.cur == nil {
		return nil
	}
	err := s.cur.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past += s.cur.Stats().Received
	s.cur = nil
	return err
}

// Stats implements capture.Source.
func (s *series) Stats() capture.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.past
	if s.cur != nil {
		n += s.cur.Stats().Received
	}
	return capture.Stats{Received: n}
}
