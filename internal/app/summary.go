package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/analyze/report"
	"github.com/netlyra/netlyra/internal/models"
)

// Summary is what a process did, for a person to read at its end.
type Summary struct {
	Took        time.Duration
	Stages      []models.StageCounts
	Alerts      int64 // in the store, of this run and earlier ones; -1 where there is no store
	NewAlerts   int64 // of them, not there before this run
	Connections int64
}

// summary counts up what the process did.
func (n *node) summary(took time.Duration) *Summary {
	return &Summary{Took: took, Stages: n.ledger.Counts(), Alerts: -1}
}

// Stage is the counts of a stage, zero where the process has none of that name.
func (s *Summary) Stage(name string) models.StageCounts {
	i := slices.IndexFunc(s.Stages, func(c models.StageCounts) bool { return c.Stage == name })
	if i < 0 {
		return models.StageCounts{}
	}
	return s.Stages[i]
}

// String is the summary, several lines.
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
		fmt.Fprintf(&b, "packets scored     %d of %d read\n", scored.Out, scored.In)
	}
	if s.Alerts >= 0 {
		fmt.Fprintf(&b, "alerts             %d new, %d in the store\n", s.NewAlerts, s.Alerts)
		fmt.Fprintf(&b, "connections        %d in the store\n", s.Connections)
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
