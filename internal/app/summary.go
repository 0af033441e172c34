package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/models"
)

// Summary is what a process has done.
type Summary struct {
	Took        time.Duration
	Stages      []models.StageCounts
	Alerts      int64 // in the database, including earlier runs; -1 without a database
	NewAlerts   int64 // of them, from this run
	Connections int64
}

// summary returns the counts of the process.
func (n *node) summary(took time.Duration) *Summary {
	return &Summary{Took: took, Stages: n.ledger.Counts(), Alerts: -1}
}

// Stage returns the counts of a stage, zero if the process does not have it.
func (s *Summary) Stage(name string) models.StageCounts {
	i := slices.IndexFunc(s.Stages, func(c models.StageCounts) bool { return c.Stage == name })
	if i < 0 {
		return models.StageCounts{}
	}
	return s.Stages[i]
}

// String returns the summary as lines for people.
func (s *Summary) String() string {
	var b strings.Builder
	capture := s.Stage("capture")
	secs := max(s.Took.Seconds(), 1e-9)
	fmt.Fprintf(&b, "packets captured   %d (%s) in %s, %.0f packets/s\n",
		capture.In, report.Bytes(capture.Bytes), s.Took.Round(time.Millisecond), float64(capture.In)/secs)
	fmt.Fprintf(&b, "packets published  %d\n", s.Stage("publish").Out)
	for _, st := range s.Stages {
		for _, reason := range sortedKeys(st.Dropped) {
			fmt.Fprintf(&b, "  %-16s %d: %s\n", st.Stage, st.Dropped[reason], reason)
		}
	}
	if scored := s.Stage("score"); scored.Stage != "" {
		fmt.Fprintf(&b, "packets scored     %d of %d consumed\n", scored.Out, scored.In)
	}
	if s.Alerts >= 0 {
		fmt.Fprintf(&b, "alerts             %d new, %d in the database\n", s.NewAlerts, s.Alerts)
		fmt.Fprintf(&b, "connections        %d in the database\n", s.Connections)
	}
	return b.String()
}

func sortedKeys(m map[string]uint64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
