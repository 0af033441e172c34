package engine

import (
	"sort"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// describe fills in the fields of the alert that refer to the current packet v; g is the
// group with the highest tail.
func (p *Pipeline) describe(ep *episode, v *features.View, g features.Group) {
	m, a := v.Meta, &ep.alert
	a.DstIP, a.Proto = v.Target().Unmap().String(), m.Proto.String()
	a.SrcPort, a.DstPort = m.SrcPort, m.DstPort
	if !v.FromOrig {
		a.SrcPort, a.DstPort = m.DstPort, m.SrcPort
	}
	a.Scale, a.Conn = g.Scale().String(), m.Conn.String()
	a.Features = map[string]float64{"entropy": float64(m.Entropy) / 100}
	a.Features["packet_rate"], a.Features["byte_rate"] = v.Rates()
	s := p.scorers[g]
	if !v.Due[g] {
		s.evaluate(v)
	}
	for i, f := range features.Of(g) {
		a.Features[f.Name] = s.values[i]
	}
	a.Reasons = s.reasons()
	for i := range a.Reasons {
		describeReason(&a.Reasons[i], m.Proto)
	}
	if a.Counterfactual = p.counterfactual(g, a.Reasons, v); a.Counterfactual != nil {
		describeCounterfactual(a.Counterfactual, p.cfg.Threshold)
	}
	p.classify(ep, v)
	a.Model = models.ModelRef{Version: Version, Lane: p.lane, Partition: p.lane, Offset: int64(p.seen) - 1}
}

// classify updates kind, technique, summary and severity. An episode keeps a kind that it
// was recognised as, even if a later packet fits none.
func (p *Pipeline) classify(ep *episode, v *features.View) {
	a, s := &ep.alert, scene{p.allFacts(v), ep, v.Meta, v.Interval()}
	if ep.key == stormKey {
		a.Kind, a.Summary = vocabulary.KindUnusual, stormSentence(ep)
		a.Severity = severity(a, &ep.evidence, ep.level)
		return
	}
	kind, technique := kindOf(s)
	if kind != vocabulary.KindUnusual || a.Kind == "" || a.Kind == vocabulary.KindUnusual {
		a.Kind, a.Technique = kind, technique
		a.Summary = sentence(s)
	}
	a.Severity = severity(a, &ep.evidence, ep.level)
}

// minShare is the smallest share in a score that is reported as a reason.
const minShare = 0.03

// reasons returns the features that contributed to the score of the last evaluation, the
// largest share first. The shares add up to 1.
func (s *scorer) reasons() []models.Reason {
	var bits [features.MaxFeatures]float64
	s.forest.Attribute(s.point[:s.n], bits[:s.n])
	total := 0.0
	for i := range s.n {
		bits[i] = max(bits[i], 0)
		total += bits[i]
	}
	var out []models.Reason
	kept := 0.0
	for i, f := range features.Of(s.group) {
		if share := bits[i] / max(total, 1e-9); share >= minShare {
			out = append(out, models.Reason{Feature: f.Name, Value: s.values[i], Typical: s.typicalRange(i), Share: share})
			kept += share
		}
	}
	for i := range out {
		out[i].Share /= kept
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Share > out[j].Share })
	if len(out) == 0 { // no feature contributes by itself: all have the same share
		for i, f := range features.Of(s.group) {
			out = append(out, models.Reason{Feature: f.Name, Value: s.values[i], Typical: s.typicalRange(i), Share: 1 / float64(s.n)})
		}
	}
	return out
}

// typicalRange returns the learned 5th and 95th percentile of a feature, in its unit.
func (s *scorer) typicalRange(i int) [2]float64 {
	sc := features.Of(s.group)[i].Scaling
	return [2]float64{sc.Value(s.typical[i].at(0.05)), sc.Value(s.typical[i].at(0.95))}
}

// severity grades an episode by score, size, duration, breadth, and whether its kind is known.
func severity(a *models.Alert, e *evidence, level float64) models.Severity {
	points := 0
	for _, yes := range []bool{
		level >= 4.5, level >= 6, // −log10 of the probability: one packet in 30,000, or in a million
		a.Count >= 20, a.Count >= 1000 || a.LastTS-a.TS >= 60e9,
		e.ports.count() >= 8 || e.peers.count() >= 8 || e.sources.count() >= 8,
		a.Kind != vocabulary.KindUnusual,
	} {
		if yes {
			points++
		}
	}
	switch {
	case points >= 5:
		return models.SeverityCritical
	case points == 4:
		return models.SeverityHigh
	case points >= 2:
		return models.SeverityMedium
	}
	return models.SeverityLow
}
