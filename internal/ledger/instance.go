package ledger

import (
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// instance is what one process reported.
type instance struct {
	heard   time.Time // of the latest report, by this process's clock
	last    models.InstanceStats
	stages  map[string]models.StageCounts // of the latest report
	total   totals
	samples []sample // of about the last 1.5 s, by the process's own clock
}

// sample has the counts at one time, for the rates.
type sample struct {
	ts                      models.Timestamp
	captured, capturedBytes uint64
	consumed, consumedBytes uint64
	scored                  uint64
}

// rates are per second.
type rates struct{ captured, capturedBytes, consumed, consumedBytes, scored float64 }

const (
	rateWindow = models.Timestamp(time.Second)
	maxSamples = 64 // reports come ten times a second
)

// observe adds a report: its counts of the known stages.
func (i *instance) observe(s *models.InstanceStats, known []string, now time.Time) {
	if i.heard.IsZero() || s.TS >= i.last.TS {
		i.take(s, known)
	}
	i.heard = now
}

// take adds the increase since the report before.
func (i *instance) take(s *models.InstanceStats, known []string) {
	before := i.stages
	i.stages = make(map[string]models.StageCounts, len(s.Stages))
	for _, c := range s.Stages {
		if !slices.Contains(known, c.Stage) {
			continue
		}
		i.total.grow(c, before[c.Stage])
		i.stages[c.Stage] = c
	}
	if s.Traffic != nil {
		var old map[string]uint64
		if i.last.Traffic != nil {
			old = i.last.Traffic.Protocols
		}
		for p, n := range s.Traffic.Protocols {
			addBounded(i.total.protocols, p, more(n, old[p]), maxProtocols)
		}
	}
	i.last = *s
	i.sample()
}

// sample stores the totals and drops samples older than the window, except the one at
// its start.
func (i *instance) sample() {
	capture, consume := i.total.stage(vocabulary.StageCapture), i.total.stage(vocabulary.StageConsume)
	i.samples = append(i.samples, sample{
		ts: i.last.TS, captured: capture.Out, capturedBytes: capture.Bytes,
		consumed: consume.Out, consumedBytes: consume.Bytes, scored: i.total.stage(vocabulary.StageScore).Out,
	})
	old := 0
	for old+1 < len(i.samples) && i.last.TS-i.samples[old+1].ts >= rateWindow {
		old++
	}
	old = max(old, len(i.samples)-maxSamples)
	i.samples = append(i.samples[:0], i.samples[old:]...)
}

// rate returns the rates over about the last second. A process that is late with its
// report counts as idle since.
func (i *instance) rate(now time.Time) rates {
	n := len(i.samples)
	if n < 2 {
		return rates{}
	}
	first, last := i.samples[0], i.samples[n-1]
	span := time.Duration(last.ts - first.ts)
	if silent := now.Sub(i.heard); silent > time.Second {
		return rates{}
	} else if silent > 300*time.Millisecond {
		span += silent
	}
	if span <= 0 {
		return rates{}
	}
	per := func(a, b uint64) float64 { return float64(b-a) / span.Seconds() }
	return rates{
		captured: per(first.captured, last.captured), capturedBytes: per(first.capturedBytes, last.capturedBytes),
		consumed: per(first.consumed, last.consumed), consumedBytes: per(first.consumedBytes, last.consumedBytes),
		scored: per(first.scored, last.scored),
	}
}
