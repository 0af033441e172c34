package engine

import (
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// mostSamples is how many scored packets one batch shows.
const mostSamples = 64

// sampler gathers scores for live views: all are counted, every so manieth is shown,
// the sparser the more there are, and each new maximum.
type sampler struct {
	batch models.ScoreBatch
	every time.Duration
	last  time.Time
	step  uint64
}

func newSampler(partition int32, cfg Config, now time.Time) sampler {
	return sampler{every: cfg.ScoresEvery, last: now, step: 1, batch: models.ScoreBatch{
		Partition: partition, Threshold: cfg.Threshold, Samples: make([]models.ScoreSample, 0, mostSamples)}}
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
	if len(b.Samples) == mostSamples { // every other one goes
		for i := range mostSamples / 2 {
			b.Samples[i] = b.Samples[2*i+1]
		}
		b.Samples = b.Samples[:mostSamples/2]
		s.step *= 2
	}
	b.Samples = append(b.Samples, models.ScoreSample{TS: ts, Score: score})
}

// publish hands the batch out when it is time.
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
