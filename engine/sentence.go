package engine

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// sentence says in plain words what the episode looks like, and what stands out most.
func sentence(s scene) string {
	a, e := &s.ep.alert, &s.ep.evidence
	span := "at once"
	if d := time.Duration(a.LastTS - a.TS); d >= time.Millisecond {
		span = "in " + seconds(d)
	}
	var b strings.Builder
	switch a.Kind {
	case kindPortScan:
		fmt.Fprintf(&b, "%s tried %s of %s (%s %s)", a.SrcIP, about(max(s.facts["ports"], s.facts["slow_ports"]), "port"), peersOf(e, a), packetsOf(e), span)
	case kindHostScan:
		fmt.Fprintf(&b, "%s tried %s, %.0f %% of them without an answer (%s %s)", a.SrcIP, about(max(s.facts["peers"], s.facts["slow_peers"]), "host"),
			100*min(s.facts["slow_unanswered"]/max(s.facts["slow_opened"], 1), 1), packetsOf(e), span)
	case kindFlood:
		fmt.Fprintf(&b, "%s is flooded with %s %s from %s", a.DstIP, packetsOf(e), span, sourcesOf(e, a))
	case kindBruteForce:
		fmt.Fprintf(&b, "%s opened %s to %s:%d of late, as if guessing at a login", a.SrcIP, about(s.facts["pair_slow_opened"], "connection"), a.DstIP, a.DstPort)
	case kindExfiltration:
		up := s.facts["pair_up"] * max(s.facts["pair_slow_opened"], 1)
		fmt.Fprintf(&b, "%s sent %s to %s:%d and got little in return", a.SrcIP, bytesOf(up), a.DstIP, a.DstPort)
	case kindBeacon:
		fmt.Fprintf(&b, "%s calls %s:%d by the clock, with about the same to say each time", a.SrcIP, a.DstIP, a.DstPort)
	case kindTunnel:
		fmt.Fprintf(&b, "%s and %s pass more through %s than it is used for (%s a packet)", a.SrcIP, a.DstIP, carrier(s.m), bytesOf(e.size()))
	default:
		fmt.Fprintf(&b, "Traffic of %s to %s (%s) is unlike the rest", a.SrcIP, endpoint(a), a.Proto)
	}
	if len(a.Reasons) > 0 {
		b.WriteString("; " + standsOut(a.Reasons[0]))
	}
	return b.String() + "."
}

// standsOut tells a reason: what it is, its value, and what is usual.
func standsOut(r models.Reason) string {
	f := featureNamed(r.Feature)
	usual := "usually " + quantity(r.Typical[0], f.Unit) + " to " + quantity(r.Typical[1], f.Unit)
	if low, high := quantity(r.Typical[0], f.Unit), quantity(r.Typical[1], f.Unit); low == high {
		usual = "usually " + high
	} else if r.Value >= r.Typical[1] {
		usual = "usually at most " + high
	} else if r.Value <= r.Typical[0] {
		usual = "usually at least " + low
	}
	return strings.ReplaceAll(r.Feature, "_", " ") + " is " + quantity(r.Value, f.Unit) + ", " + usual
}

func featureNamed(name string) features.Feature {
	for _, f := range features.Table {
		if f.Name == name {
			return f
		}
	}
	return features.Feature{}
}

// quantity writes a value in its unit as one would say it.
func quantity(v float64, unit string) string {
	switch unit {
	case "bytes":
		return bytesOf(v)
	case "bytes/s", "bytes/connection":
		return bytesOf(v) + strings.TrimPrefix(unit, "bytes")
	case "connections", "ports", "hosts", "packets":
		return many(int(math.Round(v)), strings.TrimSuffix(unit, "s"))
	case "port":
		return fmt.Sprintf("%.0f", v)
	case "s":
		return seconds(time.Duration(v * 1e9))
	case "0…1":
		return fmt.Sprintf("%.2g", v)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

func endpoint(a *models.Alert) string {
	if a.DstPort == 0 {
		return a.DstIP
	}
	if strings.Contains(a.DstIP, ":") {
		return fmt.Sprintf("[%s]:%d", a.DstIP, a.DstPort)
	}
	return fmt.Sprintf("%s:%d", a.DstIP, a.DstPort)
}

func carrier(m *models.PacketMeta) string {
	if m.SrcPort == 53 || m.DstPort == 53 {
		return "DNS"
	}
	return m.Proto.String()
}

func peersOf(e *evidence, a *models.Alert) string {
	if n := e.peers.count(); n > 1 {
		return many(n, "host")
	}
	return a.DstIP
}

func sourcesOf(e *evidence, a *models.Alert) string {
	if n := e.sources.count(); n > 1 {
		return about(float64(n), "source")
	}
	return a.SrcIP
}

func packetsOf(e *evidence) string {
	if e.syns > e.packets/4 {
		return many(int(e.syns), "SYN")
	}
	return many(int(e.packets), "packet")
}

// about rounds what is an estimate: to two digits above a hundred.
func about(v float64, what string) string {
	if v >= 100 {
		step := math.Pow(10, math.Floor(math.Log10(v))-1)
		v = math.Round(v/step) * step
		return "about " + many(int(v), what)
	}
	return many(int(math.Round(v)), what)
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func seconds(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "less than a millisecond"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f minutes", d.Minutes())
}

func bytesOf(v float64) string {
	if v < 1000 {
		return many(int(math.Round(v)), "byte")
	}
	for _, u := range []string{"kB", "MB", "GB"} {
		if v /= 1000; v < 999.5 || u == "GB" {
			return fmt.Sprintf("%.3g %s", v, u)
		}
	}
	return ""
}
