package engine

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// describe fills in all that an alert says about the packet at hand.
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
	all := p.everything(v)
	a.Kind, a.Technique = classify(all, ep, m)
	a.Severity = severity(a)
	a.Summary = p.sentence(ep, v, all)
	a.Model = models.ModelRef{Version: Version, Partition: p.partition, Offset: p.offset - 1}
}

// facts are feature values by name.
type facts map[string]float64

func (p *Pipeline) everything(v *features.View) facts {
	all := make(facts, len(features.Table))
	var values [features.MaxFeatures]float64
	for g := range features.Groups {
		v.Values(g, &values)
		for i, f := range features.Of(g) {
			all[f.Name] = values[i]
		}
	}
	return all
}

// leastShare is the smallest part in a score that is told.
const leastShare = 0.03

// reasons are the features of the last evaluation that made it odd.
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
		if share := bits[i] / max(total, 1e-9); share >= leastShare {
			out = append(out, models.Reason{Feature: f.Name, Value: s.values[i], Typical: s.usual(i), Share: share})
			kept += share
		}
	}
	for i := range out {
		out[i].Share /= kept
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Share > out[j].Share })
	if len(out) == 0 { // nothing stands out by itself: all do a little
		for i, f := range features.Of(s.group) {
			out = append(out, models.Reason{Feature: f.Name, Value: s.values[i], Typical: s.usual(i), Share: 1 / float64(s.n)})
		}
	}
	return out
}

// usual is the 5th and 95th percentile of a feature, in its unit.
func (s *scorer) usual(i int) [2]float64 {
	sc := features.Of(s.group)[i].Scaling
	return [2]float64{sc.Value(s.typical[i].at(0.05)), sc.Value(s.typical[i].at(0.95))}
}

// severity grades by score, length and breadth.
func severity(a *models.Alert) models.Severity {
	points := 0
	for _, yes := range []bool{a.Score >= 0.9, a.Score >= 0.98, a.Count >= 20, a.Count >= 500, a.Kind != kindUnusual} {
		if yes {
			points++
		}
	}
	return [...]models.Severity{models.SeverityLow, models.SeverityLow, models.SeverityMedium, models.SeverityHigh, models.SeverityHigh, models.SeverityCritical}[points]
}

// sentence says in plain words what the episode looks like.
func (p *Pipeline) sentence(ep *episode, v *features.View, f facts) string {
	a, e := &ep.alert, &ep.evidence
	span := "at once"
	if d := time.Duration(a.LastTS - a.TS); d > 0 {
		span = "in " + seconds(d)
	}
	var b strings.Builder
	switch a.Kind {
	case kindPortScan:
		fmt.Fprintf(&b, "%s tried about %.0f ports of %s (%s %s)", a.SrcIP, f["ports"], peersOf(e, a), packetsOf(e), span)
	case kindHostScan:
		fmt.Fprintf(&b, "%s tried about %.0f hosts, %.0f %% of the connections without an answer (%s %s)", a.SrcIP, f["peers"], 100*f["unanswered_share"], packetsOf(e), span)
	case kindFlood:
		fmt.Fprintf(&b, "%s is flooded at %s:%d with %.0f packets/s from %s", a.DstIP, a.Proto, a.DstPort, f["target_packet_rate"], many(e.sources.count(), "source"))
	case kindBruteForce:
		fmt.Fprintf(&b, "%s opened about %.0f connections to %s:%d within a minute or so, as if guessing at a login", a.SrcIP, f["pair_opened"], a.DstIP, a.DstPort)
	case kindExfiltration:
		fmt.Fprintf(&b, "%s sent %s to %s:%d, %.0f %% of what passed between them", a.SrcIP, bytesOf(f["slow_upload"]), a.DstIP, a.DstPort, 100*f["upload_share"])
	case kindBeacon:
		fmt.Fprintf(&b, "%s calls %s:%d with the regularity of a clock", a.SrcIP, a.DstIP, a.DstPort)
	case kindTunnel:
		fmt.Fprintf(&b, "%s sends %s to %s that carries more than it should (%.0f bytes a packet)", a.SrcIP, a.Proto, a.DstIP, f["mean_payload"])
	default:
		fmt.Fprintf(&b, "Traffic of %s to %s:%d (%s) is unlike the rest", a.SrcIP, a.DstIP, a.DstPort, a.Proto)
	}
	if len(a.Reasons) > 0 {
		r := a.Reasons[0]
		fmt.Fprintf(&b, "; %s is %s, usually %s to %s", strings.ReplaceAll(r.Feature, "_", " "), plain(r.Value), plain(r.Typical[0]), plain(r.Typical[1]))
	}
	return b.String() + "."
}

func peersOf(e *evidence, a *models.Alert) string {
	if n := e.peers.count(); n > 1 {
		return fmt.Sprintf("%d hosts", n)
	}
	return a.DstIP
}

func packetsOf(e *evidence) string {
	if e.syns > e.packets/4 {
		return many(int(e.syns), "SYN")
	}
	return many(int(e.packets), "packet")
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func bytesOf(v float64) string {
	for _, u := range []string{"bytes", "kB", "MB", "GB"} {
		if v < 1000 || u == "GB" {
			return fmt.Sprintf("%.3g %s", v, u)
		}
		v /= 1000
	}
	return ""
}

// plain writes a value with three digits.
func plain(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
