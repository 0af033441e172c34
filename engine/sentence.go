package engine

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// sentence is the summary of an alert: what the episode looks like, then its strongest
// reason.
func sentence(s scene) string {
	a := &s.ep.alert
	text := s.headline()
	if len(a.Reasons) > 0 {
		text += ". " + a.Reasons[0].Text
	}
	return text + "."
}

// headline describes the episode by its kind, without a full stop.
func (s scene) headline() string {
	a, e := &s.ep.alert, &s.ep.evidence
	switch a.Kind {
	case vocabulary.KindPortScan:
		return fmt.Sprintf("%s tried %s on %s (%s)", a.SrcIP, estimate(max(s.facts["ports"], s.facts["slow_ports"]), "port"), s.destinations(), s.extent())
	case vocabulary.KindHostScan:
		return fmt.Sprintf("%s tried to connect to %s%s; %.0f%% of its attempts were refused or got no answer (%s)", a.SrcIP,
			estimate(max(s.facts["peers"], s.facts["slow_peers"]), "host"), s.onOnePort(),
			100*min(s.facts["slow_unanswered"]/max(s.facts["slow_opened"], 1), 1), s.extent())
	case vocabulary.KindFlood:
		from := a.SrcIP
		if n := e.sources.count(); n > 1 {
			from = estimate(float64(n), "source")
		}
		return fmt.Sprintf("%s is being flooded by %s (%s)", a.DstIP, from, s.extent())
	case vocabulary.KindBruteForce:
		return fmt.Sprintf("%s may be guessing passwords on %s: %s in the last 15 minutes", a.SrcIP, endpoint(a),
			estimate(s.facts["pair_slow_opened"], "connection attempt"))
	case vocabulary.KindExfiltration:
		n := max(s.facts["pair_slow_opened"], 1)
		received := "nothing"
		if down := s.facts["pair_down"] * n; down >= 1 {
			received = features.UnitBytes.Quantity(down)
		}
		return fmt.Sprintf("%s sent %s to %s in the last 15 minutes and received %s", a.SrcIP,
			features.UnitBytes.Quantity(s.facts["pair_up"]*n), endpoint(a), received)
	case vocabulary.KindBeacon:
		return fmt.Sprintf("%s connects to %s %s and sends a similar amount of data each time", a.SrcIP, endpoint(a), s.rhythm())
	case vocabulary.KindTunnel:
		return fmt.Sprintf("%s may hide a tunnel in its %s traffic with %s: %s with %s of payload on average", a.SrcIP, carrier(s.m), a.DstIP,
			features.Plural(float64(e.packets), "packet"), features.UnitBytes.Quantity(e.size()))
	}
	return fmt.Sprintf("Anomalous traffic from %s to %s (%s)", a.SrcIP, endpoint(a), a.Proto)
}

// stormSentence is the summary of the alert that stands for many hosts.
func stormSentence(ep *episode) string {
	return fmt.Sprintf("Too many hosts became anomalous at once for an alert each; this alert covers %s, starting with %s. "+
		"Typical causes are a change in the network, the start of a capture, or a worm.",
		estimate(float64(max(ep.evidence.sources.count(), 1)), "host"), ep.alert.SrcIP)
}

// extent is how many packets the episode has and over what time.
func (s scene) extent() string {
	a, e := &s.ep.alert, &s.ep.evidence
	packets := features.Plural(float64(e.packets), "packet")
	if e.syns > e.packets/4 {
		packets = features.Plural(float64(e.syns), "SYN packet")
	}
	if a.Count < 2 {
		return packets
	}
	return packets + " in " + features.Duration(time.Duration(a.LastTS-a.TS).Seconds())
}

// destinations names the destination of an episode, or counts them.
func (s scene) destinations() string {
	if n := s.ep.evidence.peers.count(); n > 1 {
		return features.Plural(float64(n), "host")
	}
	return s.ep.alert.DstIP
}

// onOnePort names the port if all destinations were tried on the same one.
func (s scene) onOnePort() string {
	if a := &s.ep.alert; s.ep.evidence.ports.count() == 1 && hasPorts(a) {
		return fmt.Sprintf(" on %s port %d", a.Proto, a.DstPort)
	}
	return ""
}

// rhythm is the interval between the connections of a beacon.
func (s scene) rhythm() string {
	if s.interval <= 0 {
		return "at regular intervals"
	}
	return "about every " + features.Duration(s.interval)
}

// describeReason fills in the sentence of a reason.
func describeReason(r *models.Reason, p models.Proto) {
	if f := features.Lookup(r.Feature); f != nil {
		r.Text = f.Describe(p, r.Value, r.Typical)
	}
}

// describeCounterfactual fills in the sentence of a counterfactual.
func describeCounterfactual(c *models.Counterfactual, threshold float64) {
	var changes []string
	for _, ch := range c.Changes {
		if f := features.Lookup(ch.Feature); f != nil {
			changes = append(changes, f.DescribeLimit(ch.Value, ch.Limit))
		}
	}
	which := "with this change"
	if len(changes) > 1 {
		which = "with these changes"
	}
	score := math.Floor(c.Score*100) / 100 // rounded up it might equal the threshold
	c.Text = fmt.Sprintf("The packet would score %.2f, below the threshold of %.2f, %s: %s", score, threshold, which, strings.Join(changes, "; "))
}

// hasPorts reports whether DstPort is a port; of ICMP it is a code.
func hasPorts(a *models.Alert) bool {
	return a.DstPort != 0 && a.Proto != models.ProtoICMP.String() && a.Proto != models.ProtoICMPv6.String()
}

// endpoint is the destination of an alert with its port, if it has one.
func endpoint(a *models.Alert) string {
	if !hasPorts(a) {
		return a.DstIP
	}
	if strings.Contains(a.DstIP, ":") {
		return fmt.Sprintf("[%s]:%d", a.DstIP, a.DstPort)
	}
	return fmt.Sprintf("%s:%d", a.DstIP, a.DstPort)
}

// carrier names the protocol that a tunnel is hidden in.
func carrier(m *models.PacketMeta) string {
	if m.SrcPort == 53 || m.DstPort == 53 {
		return "DNS"
	}
	return m.Proto.String()
}

// estimate writes a number that is estimated: to two digits above a hundred.
func estimate(v float64, noun string) string {
	if v < 99.5 {
		return features.Plural(v, noun)
	}
	step := math.Pow(10, math.Floor(math.Log10(v))-1)
	return "about " + features.Plural(math.Round(v/step)*step, noun)
}
