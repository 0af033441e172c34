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
	a := &s.ep.alert
	value := 0.0
	if a.Evidence != nil {
		value = a.Evidence.Value
	}
	switch a.Kind {
	case vocabulary.KindPortScan:
		if s.ep.behavior == features.StrangeFlags {
			return fmt.Sprintf("%s sent packets with invalid TCP flags to %s, as a port scanner does (%s)", a.SrcIP, s.destinations(), s.extent())
		}
		return fmt.Sprintf("%s tried %s on %s%s without success (%s)", a.SrcIP, estimate(value, "port"), a.DstIP, s.otherHosts(), s.extent())
	case vocabulary.KindHostScan:
		return fmt.Sprintf("%s tried to reach %s%s without success (%s)", a.SrcIP, estimate(value, "host"), s.onOnePort(), s.extent())
	case vocabulary.KindFlood:
		return fmt.Sprintf("%s is being flooded by %s (%s)", a.DstIP, s.senders(), s.extent())
	case vocabulary.KindICMPFlood:
		return fmt.Sprintf("%s is being flooded with ICMP messages by %s (%s)", a.DstIP, s.senders(), s.extent())
	case vocabulary.KindReflection:
		return fmt.Sprintf("%s receives answers that it did not ask for, from %s (%s)", a.DstIP, s.senders(), s.extent())
	case vocabulary.KindBruteForce:
		return fmt.Sprintf("%s may be guessing passwords on %s: %s, all alike", a.SrcIP, endpoint(a), estimate(value, "short session"))
	case vocabulary.KindExfiltration:
		return fmt.Sprintf("%s sent %s to %s in the last 15 minutes beyond what it received", a.SrcIP, features.UnitBytes.Quantity(value), endpoint(a))
	case vocabulary.KindDGA:
		return fmt.Sprintf("%s asked for %s that do not exist, as a program that computes the names of its servers", a.SrcIP, estimate(value, "domain"))
	case vocabulary.KindBeacon:
		switch s.ep.behavior {
		case features.UnnamedTLS:
			return fmt.Sprintf("%s opens TLS sessions without a server name to %s, a public address at a port without a well-known service", a.SrcIP, endpoint(a))
		case features.Beats:
			return fmt.Sprintf("%s sends messages of similar size to %s at regular intervals over one connection", a.SrcIP, endpoint(a))
		case features.Driven:
			return fmt.Sprintf("%s answers short messages that %s sends after pauses, like a program that is controlled remotely", a.SrcIP, endpoint(a))
		}
		return fmt.Sprintf("%s connects to %s %s and sends a similar amount of data each time", a.SrcIP, endpoint(a), s.rhythm())
	case vocabulary.KindTunnel:
		return fmt.Sprintf("%s may hide a tunnel in its %s traffic with %s: %s with %s of payload on average", a.SrcIP, carrier(s.m), a.DstIP,
			features.Plural(float64(s.ep.evidence.packets), "packet"), features.UnitBytes.Quantity(s.ep.evidence.size()))
	case vocabulary.KindSlowHTTP:
		return fmt.Sprintf("%s at %s wait for the rest of a request; they come from %s", estimate(value, "connection"), endpoint(a), s.senders())
	case vocabulary.KindARPSpoof:
		return fmt.Sprintf("%s claims addresses of other hosts, or answers without a request, towards %s", a.SrcIP, s.destinations())
	case vocabulary.KindARPScan:
		return fmt.Sprintf("%s asked by ARP for %s that did not answer (%s)", a.SrcIP, estimate(value, "host"), s.extent())
	case vocabulary.KindStarvation:
		return fmt.Sprintf("%s asked for a DHCP lease within two minutes, as if to use up the pool", estimate(value, "new client"))
	case vocabulary.KindRogueDHCP:
		return fmt.Sprintf("%s began to answer DHCP clients of another server", a.SrcIP)
	case vocabulary.KindLateral:
		return fmt.Sprintf("%s opened administrative sessions on %s for the first time within half an hour", a.SrcIP, estimate(value, "host"))
	}
	return fmt.Sprintf("Anomalous traffic from %s to %s (%s)", a.SrcIP, endpoint(a), a.Proto)
}

// senders names the source of an episode, or counts its sources.
func (s scene) senders() string {
	a, e := &s.ep.alert, &s.ep.evidence
	n := e.sources.count()
	if rules[s.ep.behavior].role == onVictim {
		n = e.peers.count()
	}
	if n > 1 {
		return estimate(float64(n), "source")
	}
	return a.SrcIP
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

// otherHosts counts the further destinations of the episode, if there are any.
func (s scene) otherHosts() string {
	if n := s.ep.evidence.peers.count(); n > 1 {
		return ", and ports on " + features.Plural(float64(n-1), "other host") + ","
	}
	return ""
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
func describeCounterfactual(c *models.Counterfactual) {
	var changes []string
	for _, ch := range c.Changes {
		if f := features.Lookup(ch.Feature); f != nil {
			changes = append(changes, f.DescribeLimit(ch.Value, ch.Limit))
		}
	}
	c.Text = "There would be no alert with this change: " + strings.Join(changes, "; ")
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
