package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Scores writes the score of each frame: index (from 1), ts (RFC 3339), score (0…1, with as
// many digits as necessary; empty if the frame was not scored).
type Scores struct {
	w    *bufio.Writer
	line []byte
}

// NewScores returns a writer to w and writes the header.
func NewScores(w io.Writer) *Scores {
	s := &Scores{w: bufio.NewWriterSize(w, bufferSize)}
	_, _ = s.w.WriteString("index,ts,score\n") // it fits the buffer
	return s
}

// Write appends the line of a frame. A negative score means that the frame was not scored.
func (s *Scores) Write(index uint64, ts models.Timestamp, score float64) error {
	b := append(strconv.AppendUint(s.line[:0], index, 10), ',')
	b = append(wire.AppendRFC3339(b, ts), ',')
	if score >= 0 {
		b = strconv.AppendFloat(b, score, 'f', -1, 64)
	}
	s.line = append(b, '\n')
	if _, err := s.w.Write(s.line); err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	return nil
}

// Close flushes.
func (s *Scores) Close() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	return nil
}
