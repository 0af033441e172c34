package engine

import (
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// maxSamples is the maximum number of samples in a batch.
const maxSamples = 64

// sampler collects scores for live views: all are counted; every step-th and each new maximum
// becomes a sample. step doubles when the batch is full.
type sampler struct {
	batch models.ScoreBatch
	every time.Duration
	last  time.Time
	step  uint64
}

func newSampler(lane int32, cfg Config, now time.Time) sampler {
	return sampler{every: cfg.ScoresEvery, last: now, step: 1, batch: models.ScoreBatch{
		Lane: lane, Partition: lane, Threshold: cfg.Threshold, Samples: make([]models.ScoreSample, 0, maxSamples)}}
}

func (s *sampler) add(ts models.Timestamp, score float64) {
	b := &s.batch
	b.Count++
	higher := score > b.Max
	if higher {
		b.Max = score
	}
	if !higher && b.Count%s.step != 0 {
		return
	}
	if len(b.Samples) == maxSamples { // keep every second sample
		for i := range maxSamples / 2 {
			b.Samples[i] = b.Samples[2*i+1]
		}
		b.Samples = b.Samples[:maxSamples/2]
		s.step *= 2
	}
	b.Samples = append(b.Samples, models.ScoreSample{TS: ts, Score: score})
}

// publish publishes the batch if it is due.
func (s *sampler) publish(to ScorePublisher, now time.Time) {
	if s.batch.Count == 0 || now.Sub(s.last) < s.every {
		return
	}
	if to != nil {
		to.PublishScores(&s.batch)
	}
	s.last, s.step = now, 1
	s.batch.Count, s.batch.Max, s.batch.Samples = 0, 0, s.batch.Samples[:0]
}
