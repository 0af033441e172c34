package engine

import (
	"net/netip"
	"sort"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// describe fills in the fields of the alert that refer to the current packet v. g is the group
// with the highest tail, f the behavior with the highest level, dst the other host.
func (p *Pipeline) describe(ep *episode, v *features.View, g features.Group, f finding, dst netip.Addr) {
	m, a := v.Meta, &ep.alert
	a.DstIP, a.Proto = dst.Unmap().String(), m.Proto.String()
	a.SrcPort, a.DstPort = m.SrcPort, m.DstPort
	if m.Src != dst && m.Dst != dst || m.Src == dst {
		a.SrcPort, a.DstPort = m.DstPort, m.SrcPort
	}
	a.Scale, a.Conn = features.HostScale.String(), m.Conn.String()
	a.Features = map[string]float64{"entropy": float64(m.Entropy) / 100}
	a.Features["packet_rate"], a.Features["byte_rate"] = v.Rates()
	ep.group = g
	s := p.scorers[g]
	if !v.Due[g] {
		s.evaluate(v)
	}
	for i, row := range features.Of(g) {
		a.Features[row.Name] = s.values[i]
	}
	a.Features[features.RowOf(f.behavior).Name] = f.value
	a.Reasons = p.reasons(f, s)
	for i := range a.Reasons {
		describeReason(&a.Reasons[i], m.Proto)
	}
	a.Counterfactual = p.counterfactual(f)
	describeCounterfactual(a.Counterfactual)
	ep.behavior = f.behavior
	ep.gather(m.TS, f, f.plain(p.behave.limit(f.behavior, p.cfg.Threshold*maxLevel)))
	p.classify(ep, v)
	a.Model = models.ModelRef{Version: Version, Lane: p.lane, Partition: p.lane, Offset: int64(p.seen) - 1}
}

// classify updates kind, technique, summary and severity. An episode keeps a kind that it
// was recognized as, even if a later packet fits none.
func (p *Pipeline) classify(ep *episode, v *features.View) {
	a, s := &ep.alert, scene{p.allFacts(v), ep, v.Meta, v.Interval()}
	if ep.key == stormKey {
		a.Kind, a.Summary = vocabulary.KindUnusual, stormSentence(ep)
		a.Severity = severity(a, &ep.evidence, ep.level)
		return
	}
	if kind := rules[ep.behavior].kind; kind != vocabulary.KindUnusual || a.Kind == "" || a.Kind == vocabulary.KindUnusual {
		a.Kind, a.Technique = kind, techniques[kind]
		a.Summary = sentence(s)
	}
	a.Severity = severity(a, &ep.evidence, ep.level)
}

// forestShare is the share of an alert's reasons that the forest gives beside a named behavior.
const forestShare = 0.2

// reasons returns the behavior as the strongest reason, and the features of the forest with the
// highest tail. Where the forests alone raise the alert, all reasons are theirs.
func (p *Pipeline) reasons(f finding, s *scorer) []models.Reason {
	out := s.reasons()
	if f.behavior == features.Odd {
		return out
	}
	for i := range out {
		out[i].Share *= forestShare
	}
	row := features.RowOf(f.behavior)
	first := models.Reason{Feature: row.Name, Value: f.value, Typical: [2]float64{0, f.plain(p.behave.limit(f.behavior, 1.3))}, Share: 1 - forestShare}
	return append([]models.Reason{first}, out...)
}

// counterfactual returns the value of the behavior up to which there would be no alert.
func (p *Pipeline) counterfactual(f finding) *models.Counterfactual {
	limit := p.behave.limit(f.behavior, p.cfg.Threshold*maxLevel)
	below := limit
	for p.behave.level(f.behavior, below)/maxLevel >= p.cfg.Threshold {
		below -= max(limit, 1) * 1e-9
	}
	return &models.Counterfactual{Score: p.behave.level(f.behavior, below) / maxLevel,
		Changes: []models.Change{{Feature: features.RowOf(f.behavior).Name, Value: f.value, Limit: f.plain(below)}}}
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
		level >= 4.5, level >= 6, // one subject in 30,000 or a million reaches it within a minute
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
