package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Scores writes the score of each frame: index (from 1), ts (RFC 3339), score (0…1, as
// many digits as it takes; empty where the frame was not scored).
type Scores struct {
	w    *bufio.Writer
	line []byte
}

// NewScores makes a writer to w and writes the header.
func NewScores(w io.Writer) *Scores {
	s := &Scores{w: bufio.NewWriterSize(w, bufferSize)}
	_, _ = s.w.WriteString("index,ts,score\n") // it fits the buffer
	return s
}

// Write appends the line of a frame. A score below 0 says that there is none.
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
