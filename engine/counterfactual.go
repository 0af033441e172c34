package engine

import (
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// bisections is the precision of the limit of a counterfactual: 1/2^bisections of the distance
// between the typical range and the value.
const bisections = 8

// counterfactual returns the smallest change of the strongest reasons that would have kept the
// packet below the threshold, found by scoring changed points with the current model. First
// the strongest reason is changed alone, then the two strongest, and so on. The result is nil
// if no change of the group's features suffices.
func (p *Pipeline) counterfactual(g features.Group, reasons []models.Reason, v *features.View) *models.Counterfactual {
	s := p.scorers[g]
	point := s.point
	defer func() { // the forest learns the point that it scored last
		s.point = point
		s.forest.Score(s.point[:s.n])
	}()
	for n := 1; n <= len(reasons); n++ {
		if p.rescore(g, reasons[:n], &point, 0, v) >= p.cfg.Threshold {
			continue
		}
		low, high := 0.0, 1.0 // the change suffices at low, not at high
		for range bisections {
			mid := (low + high) / 2
			if p.rescore(g, reasons[:n], &point, mid, v) >= p.cfg.Threshold {
				high = mid
			} else {
				low = mid
			}
		}
		return p.counterfactualAt(g, reasons[:n], &point, low, v)
	}
	return nil
}

// counterfactualAt returns the counterfactual with the reasons at this fraction.
func (p *Pipeline) counterfactualAt(g features.Group, reasons []models.Reason, point *[features.MaxFeatures]float64, fraction float64, v *features.View) *models.Counterfactual {
	out := &models.Counterfactual{Score: p.rescore(g, reasons, point, fraction, v)}
	for _, r := range reasons {
		i := indexOf(g, r.Feature)
		limit := features.Of(g)[i].Scaling.Value(p.scorers[g].point[i])
		out.Changes = append(out.Changes, models.Change{Feature: r.Feature, Value: r.Value, Limit: limit})
	}
	return out
}

// rescore scores the packet with some features moved between the nearer end of their typical
// range (fraction 0) and their value (fraction 1).
func (p *Pipeline) rescore(g features.Group, reasons []models.Reason, point *[features.MaxFeatures]float64, fraction float64, v *features.View) float64 {
	s := p.scorers[g]
	s.point = *point
	for _, r := range reasons {
		i := indexOf(g, r.Feature)
		low, high := s.typical[i].at(0.05), s.typical[i].at(0.95)
		near := min(max(point[i], low), high)
		s.point[i] = near + (point[i]-near)*fraction
	}
	before := p.tails[g]
	p.tails[g] = s.tail.of(s.forest.Score(s.point[:s.n]))
	var top ranking
	for h := range features.Groups {
		if p.applies(v, h) {
			top.add(p.tails[h])
		}
	}
	p.tails[g] = before
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
