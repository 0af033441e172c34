package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// halvings is how closely the limit of a counterfactual is told: its place is found to
// within 1/2^halvings of the way from the usual range to the value.
const halvings = 8

// counterfactual is the smallest change of what stands out that would have kept the
// packet below the threshold, found by scoring it again with the model as it stands.
// First the strongest reason alone is changed, then the two strongest, and so on. It
// is nil where nothing that the group looks at would have sufficed.
func (p *Pipeline) counterfactual(g features.Group, reasons []models.Reason, v *features.View) *models.Counterfactual {
	s := p.scorers[g]
	point := s.point
	defer func() { // the trees remember the last point for learning it
		s.point = point
		s.forest.Score(s.point[:s.n])
	}()
	for n := 1; n <= len(reasons); n++ {
		if p.rescore(g, reasons[:n], &point, 0, v) >= p.cfg.Threshold {
			continue
		}
		low, high := 0.0, 1.0 // the change suffices at low and not at high
		for range halvings {
			mid := (low + high) / 2
			if p.rescore(g, reasons[:n], &point, mid, v) >= p.cfg.Threshold {
				high = mid
			} else {
				low = mid
			}
		}
		return p.told(g, reasons[:n], &point, low, v)
	}
	return nil
}

// told is the counterfactual with the values that it was scored with at last.
func (p *Pipeline) told(g features.Group, reasons []models.Reason, point *[features.MaxFeatures]float64, way float64, v *features.View) *models.Counterfactual {
	out := &models.Counterfactual{Score: p.rescore(g, reasons, point, way, v)}
	for _, r := range reasons {
		i := indexOf(g, r.Feature)
		limit := features.Of(g)[i].Scaling.Value(p.scorers[g].point[i])
		out.Changes = append(out.Changes, models.Change{Feature: r.Feature, Value: r.Value, Limit: limit})
	}
	return out
}

// rescore scores the packet with some features moved to the part way of the way from
// the nearer end of their usual range to their value.
func (p *Pipeline) rescore(g features.Group, reasons []models.Reason, point *[features.MaxFeatures]float64, way float64, v *features.View) float64 {
	s := p.scorers[g]
	s.point = *point
	for _, r := range reasons {
		i := indexOf(g, r.Feature)
		low, high := s.typical[i].at(0.05), s.typical[i].at(0.95)
		near := min(max(point[i], low), high)
		s.point[i] = near + (point[i]-near)*way
	}
	was := p.tails[g]
	p.tails[g] = s.tail.of(s.forest.Score(s.point[:s.n]))
	var top ranking
	for h := range features.Groups {
		if p.concerns(v, h) {
			top.add(p.tails[h])
		}
	}
	p.tails[g] = was
	return min(max(p.level(top.sum())/5, 0), 1)
}

func indexOf(g features.Group, name string) int {
	for i, f := range features.Of(g) {
		if f.Name == name {
			return i
		}
	}
	return 0
}
