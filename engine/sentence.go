package engine

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
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
	case kindPortScan:
		return fmt.Sprintf("%s tried %s on %s (%s)", a.SrcIP, estimate(max(s.facts["ports"], s.facts["slow_ports"]), "port"), s.destinations(), s.extent())
	case kindHostScan:
		return fmt.Sprintf("%s tried to connect to %s%s; %.0f%% of its attempts were refused or got no answer (%s)", a.SrcIP,
			estimate(max(s.facts["peers"], s.facts["slow_peers"]), "host"), s.onOnePort(),
			100*min(s.facts["slow_unanswered"]/max(s.facts["slow_opened"], 1), 1), s.extent())
	case kindFlood:
		from := a.SrcIP
		if n := e.sources.count(); n > 1 {
			from = estimate(float64(n), "source")
		}
		return fmt.Sprintf("%s is being flooded by %s (%s)", a.DstIP, from, s.extent())
	case kindBruteForce:
		return fmt.Sprintf("%s made %s to %s in the last 15 minutes, as in guessing passwords", a.SrcIP,
			estimate(s.facts["pair_slow_opened"], "connection attempt"), endpoint(a))
	case kindExfiltration:
		n := max(s.facts["pair_slow_opened"], 1)
		return fmt.Sprintf("%s sent %s to %s in the last 15 minutes and received %s", a.SrcIP,
			features.UnitBytes.Quantity(s.facts["pair_up"]*n), endpoint(a), features.UnitBytes.Quantity(s.facts["pair_down"]*n))
	case kindBeacon:
		return fmt.Sprintf("%s connects to %s %s and sends a similar amount of data each time", a.SrcIP, endpoint(a), s.rhythm())
	case kindTunnel:
		return fmt.Sprintf("%s and %s exchange more data over %s than is typical of it (payload per packet: %s on average)",
			a.SrcIP, a.DstIP, carrier(s.m), features.UnitBytes.Quantity(e.size()))
	}
	return fmt.Sprintf("Anomalous traffic from %s to %s (%s)", a.SrcIP, endpoint(a), a.Proto)
}

// stormSentence is the summary of the alert that stands for many hosts.
func stormSentence(ep *episode) string {
	return fmt.Sprintf("Traffic of %s is anomalous at the same time, too many for an alert each; the first was %s. "+
		"Typical causes are a change in the network, the start of a capture, and a worm.",
		estimate(float64(max(ep.evidence.sources.count(), 1)), "host"), ep.alert.SrcIP)
}

// extent is how many packets the episode has and over what time.
func (s scene) extent() string {
	a, e := &s.ep.alert, &s.ep.evidence
	packets := features.Plural(float64(e.packets), "packet")
	if e.syns > e.packets/4 {
		packets = features.Plural(float64(e.syns), "SYN packet")
	}
	if d := time.Duration(a.LastTS - a.TS); d >= time.Millisecond {
		return packets + " in " + features.Span(d)
	}
	return packets + " at once"
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
		f := features.Lookup(ch.Feature)
		if f == nil {
			continue
		}
		bound := "at most "
		if ch.Limit > ch.Value {
			bound = "at least "
		}
		if len(f.Classes) > 0 {
			bound = ""
		}
		changes = append(changes, fmt.Sprintf("%s: %s%s instead of %s", strings.ToLower(f.DisplayName[:1])+f.DisplayName[1:], bound, f.Format(ch.Limit), f.Format(ch.Value)))
	}
	c.Text = fmt.Sprintf("The score would be %.2f, below the threshold of %.2f, with %s", c.Score, threshold, strings.Join(changes, "; "))
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
