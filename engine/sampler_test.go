package engine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// batches records copies of published batches.
type batches []models.ScoreBatch

func (b *batches) PublishScores(batch *models.ScoreBatch) {
	c := *batch
	c.Samples = append([]models.ScoreSample(nil), batch.Samples...)
	*b = append(*b, c)
}

// TestSamplerBatches adds random scores: every batch has the count and the maximum of its
// scores, at most maxSamples samples in their order, each a score that was added.
func TestSamplerBatches(t *testing.T) {
	start := time.Unix(1000, 0)
	for _, n := range []int{1, 2, 63, 64, 65, 128, 1000, 50000} {
		var out batches
		cfg := DefaultConfig()
		s := newSampler(3, cfg, start)
		for round := range 2 { // the second batch must not depend on the first
			rnd := rand.New(rand.NewPCG(uint64(n), uint64(round)))
			scores, highest := make([]float64, n), 0.0
			for i := range scores {
				scores[i] = rnd.Float64()
				highest = max(highest, scores[i])
				s.add(models.Timestamp(i), scores[i])
			}
			s.publish(&out, start.Add(time.Duration(round+1)*cfg.ScoresEvery))
			if len(out) != round+1 {
				t.Fatalf("%d scores: %d batches, want %d", n, len(out), round+1)
			}
			b := out[round]
			if b.Count != uint64(n) || b.Max != highest || b.Partition != 3 || b.Threshold != cfg.Threshold {
				t.Errorf("%d scores: %+v, want maximum %v", n, b, highest)
			}
			if len(b.Samples) > maxSamples || len(b.Samples) < min(n, maxSamples/2) {
				t.Errorf("%d scores: %d samples", n, len(b.Samples))
			}
			last := models.Timestamp(-1)
			for _, sample := range b.Samples {
				if sample.TS <= last || scores[sample.TS] != sample.Score {
					t.Fatalf("%d scores: sample %+v after time %d", n, sample, last)
				}
				last = sample.TS
			}
		}
	}
}

// TestSamplerSpreads: the samples of a long batch cover all of it, not only its start or end.
func TestSamplerSpreads(t *testing.T) {
	var out batches
	start, n := time.Unix(1000, 0), 10000
	s := newSampler(0, DefaultConfig(), start)
	for i := range n {
		s.add(models.Timestamp(i), 0.5)
	}
	s.publish(&out, start.Add(time.Hour))
	quarters := [4]int{}
	for _, sample := range out[0].Samples {
		quarters[int(sample.TS)*4/n]++
	}
	for i, count := range quarters {
		if count < 4 {
			t.Errorf("%d samples of quarter %d: %v", count, i, quarters)
		}
	}
}

// TestSamplerDue: a batch is published after the interval, and not if it is empty.
func TestSamplerDue(t *testing.T) {
	var out batches
	start, cfg := time.Unix(1000, 0), DefaultConfig()
	s := newSampler(0, cfg, start)
	s.publish(&out, start.Add(time.Hour))
	s.add(1, 0.1)
	s.publish(&out, start.Add(cfg.ScoresEvery-1))
	if len(out) != 0 {
		t.Fatalf("published %+v too early or empty", out)
	}
	s.publish(&out, start.Add(cfg.ScoresEvery))
	s.add(2, 0.2)
	s.publish(&out, start.Add(2*cfg.ScoresEvery-1))
	s.add(3, 0.1)
	s.publish(&out, start.Add(2*cfg.ScoresEvery))
	if len(out) != 2 || out[0].Count != 1 || out[1].Count != 2 || out[1].Max != 0.2 {
		t.Errorf("batches %+v, want one of 1 and one of 2 scores", out)
	}
	s.add(4, 0.9)
	s.publish(nil, start.Add(time.Hour)) // without live views the batch is discarded
	s.add(5, 0.3)
	s.publish(&out, start.Add(2*time.Hour))
	if last := out[len(out)-1]; last.Count != 1 || last.Max != 0.3 {
		t.Errorf("batch %+v contains scores of an earlier one", last)
	}
}
