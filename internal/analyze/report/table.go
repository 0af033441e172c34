package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Maximum rows of each section, and the width of the table in characters.
const (
	topHosts     = 10
	topProtocols = 6
	topServices  = 10
	topAlerts    = 12
	alertLines   = 36 // lines for alerts; those with evidence and recurrence have five or more
	topReasons   = 4
	tableWidth   = 100
)

// Table returns the summary as text for people.
func (s *Summary) Table(c *Capture, alerts []*models.Alert) string {
	var b strings.Builder
	s.overview(&b, c)
	if c.Scoring {
		alertSection(&b, c, alerts)
	}
	if s.connections == 0 {
		return b.String()
	}
	s.hostSection(&b)
	shareSection(&b, "protocol", s.protocols, topProtocols)
	shareSection(&b, "service", s.services, topServices)
	s.stateSection(&b)
	return b.String()
}

func (s *Summary) overview(b *strings.Builder, c *Capture) {
	b.WriteString(strings.Join(c.Files, ", "))
	if c.Interrupted {
		b.WriteString(" — interrupted; this is what was read so far")
	}
	b.WriteString("\n\n")
	line := func(name, format string, args ...any) {
		fmt.Fprintf(b, "  %-12s "+format+"\n", append([]any{name}, args...)...)
	}
	if c.Frames == 0 {
		line("packets", "none")
		return
	}
	span := time.Duration(c.Last - c.First)
	rate := ""
	if secs := span.Seconds(); secs > 0 {
		rate = fmt.Sprintf(", %s packets/s, %s", Number(uint64(float64(c.Frames)/secs+0.5)), bits(8*float64(c.Bytes)/secs))
	}
	line("packets", "%s, %s%s", Number(c.Frames), Bytes(c.Bytes), rate)
	line("time", "%s to %s (%s)", clock(c.First), until(c.First, c.Last), span.Round(time.Millisecond))
	line("connections", "%s%s", Number(s.connections), inTunnels(s.tunnelled))
	if text := skipped(c.Skipped); text != "" {
		line("skipped", "%s", text)
	}
	if text := skipped(c.InnerSkipped); text != "" {
		line("in tunnels", "%s", strings.Replace(text, ":", " packets not decoded:", 1))
	}
	switch {
	case !c.Scoring:
	case c.Scored == 0:
		line("scored", "none: %s packets are not enough to warm up", Number(c.Packets))
	default:
		line("scored", "%s packets, after %s to warm up", Number(c.Scored), Number(c.Packets-c.Scored))
	}
}

func inTunnels(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %s of them in tunnels", Number(n))
}

// skipReasons are the codes for which frames are skipped.
var skipReasons = slices.Concat(vocabulary.DecodeDrops, vocabulary.CaptureDrops)

// skipped returns the reasons for which frames were skipped, the most frequent first.
func skipped(reasons map[string]uint64) string {
	total := uint64(0)
	var parts []string
	names := slices.SortedFunc(maps.Keys(reasons), func(x, y string) int {
		return cmp.Or(cmp.Compare(reasons[y], reasons[x]), strings.Compare(x, y))
	})
	for i, name := range names {
		total += reasons[name]
		if i < topReasons {
			parts = append(parts, fmt.Sprintf("%s %s", vocabulary.Name(skipReasons, name), Number(reasons[name])))
		}
	}
	if total == 0 {
		return ""
	}
	if len(names) > topReasons {
		parts = append(parts, "…")
	}
	return fmt.Sprintf("%s: %s", Number(total), strings.Join(parts, ", "))
}

// clock returns a time in milliseconds.
func clock(t models.Timestamp) string { return t.Time().Format("2006-01-02 15:04:05.000") }

// until returns a time after from, without the date if it is the same.
func until(from, t models.Timestamp) string {
	layout := "2006-01-02 15:04:05.000"
	if from.Time().Format(time.DateOnly) == t.Time().Format(time.DateOnly) {
		layout = "15:04:05.000"
	}
	return t.Time().Format(layout + " UTC")
}

// severities by rank, the worst first.
var severities = map[models.Severity]int{
	models.SeverityCritical: 0, models.SeverityHigh: 1, models.SeverityMedium: 2, models.SeverityLow: 3,
}

func alertSection(b *strings.Builder, c *Capture, alerts []*models.Alert) {
	if len(alerts) == 0 {
		if c.Scored > 0 {
			b.WriteString("\nNo alerts\n")
		}
		return
	}
	more := ""
	if c.MoreAlerts {
		more = "more than "
	}
	fmt.Fprintf(b, "\n%s%s, the worst first\n", more, plural(uint64(len(alerts)), "alert"))
	worst := slices.Clone(alerts)
	slices.SortStableFunc(worst, func(x, y *models.Alert) int {
		return cmp.Or(cmp.Compare(severities[x.Severity], severities[y.Severity]), cmp.Compare(y.Score, x.Score))
	})
	shown, used := 0, 0
	for _, a := range worst[:min(topAlerts, len(worst))] {
		text := alertText(a)
		if used += strings.Count(text, "\n"); used > alertLines && shown > 0 {
			break
		}
		b.WriteString(text)
		shown++
	}
	if more := len(worst) - shown; more > 0 {
		fmt.Fprintf(b, "  … and %s more; --alerts FILE writes them all\n", Number(uint64(more)))
	}
}

// alertText is the paragraph of an alert.
func alertText(a *models.Alert) string {
	var b strings.Builder
	span := ""
	if d := time.Duration(a.LastTS - a.TS); d > 0 {
		span = " for " + d.Round(time.Millisecond).String()
	}
	fmt.Fprintf(&b, "  %-8s  %.2f  %s%s, %s, %s\n", a.Severity, a.Score, a.TS.Time().Format("15:04:05.000"), span, plural(a.Count, "packet"), kind(a))
	for _, line := range []string{a.Summary, Evidence(a.Evidence), Recurrence(a.Recurrence)} {
		b.WriteString(wrapped(line, "            ", tableWidth))
	}
	return b.String()
}

// kind returns the display name of the kind of an alert and its technique, if it has one.
func kind(a *models.Alert) string {
	text := vocabulary.Name(vocabulary.Kinds, a.Kind)
	if a.Technique != "" {
		text += " (ATT&CK " + a.Technique + ")"
	}
	return text
}

func plural(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Number(n) + " " + what + "s"
}

func (s *Summary) hostSection(b *strings.Builder) {
	b.WriteByte('\n')
	g := grid{
		head:  []string{"Host", "sent", "received", "packets", "connections"},
		right: []bool{false, true, true, true, true},
	}
	for _, v := range largest(s.hosts)[:min(topHosts, len(s.hosts))] {
		g.row(v.name, Bytes(v.out), Bytes(v.in), Number(v.packets), Number(v.connections))
	}
	g.write(b)
	if s.evicted {
		fmt.Fprintf(b, "  more than %s hosts: the totals of hosts with little traffic are incomplete\n", Number(maxHosts))
	} else if more := len(s.hosts) - topHosts; more > 0 {
		fmt.Fprintf(b, "  … and %s\n", plural(uint64(more), "other host"))
	}
}

// shareSection is a table of protocols or services.
func shareSection(b *strings.Builder, what string, m map[string]*volume, top int) {
	if len(m) == 0 {
		return
	}
	b.WriteByte('\n')
	g := grid{
		head:  []string{strings.ToUpper(what[:1]) + what[1:], "connections", "packets", "originators sent", "responders sent", "bytes"},
		right: []bool{false, true, true, true, true, true},
	}
	total := uint64(0)
	for _, v := range m {
		total += v.bytes()
	}
	for _, v := range largest(m)[:min(top, len(m))] {
		g.row(v.name, Number(v.connections), Number(v.packets), Bytes(v.out), Bytes(v.in), percent(v.bytes(), total))
	}
	g.write(b)
	if more := len(m) - top; more > 0 {
		fmt.Fprintf(b, "  … and %s\n", plural(uint64(more), "other "+what))
	}
}

// meanings describes the values of Zeek's conn_state.
var meanings = map[string]string{
	"S0": "attempt without an answer", "S1": "established, not ended", "SF": "established and ended normally",
	"REJ": "attempt rejected", "S2": "established, ended by the originator only", "S3": "established, ended by the responder only",
	"RSTO": "aborted by the originator", "RSTR": "aborted by the responder",
	"RSTOS0": "SYN and reset of the originator, no answer", "RSTRH": "SYN-ACK and reset of the responder, no SYN",
	"SH": "SYN and FIN of the originator, no answer", "SHR": "packets of the responder alone (TCP: SYN-ACK, FIN)",
	"OTH": "started before the capture, or protocol without states",
}

func (s *Summary) stateSection(b *strings.Builder) {
	b.WriteByte('\n')
	g := grid{head: []string{"State", "connections", "", ""}, right: []bool{false, true, true, false}}
	for _, name := range slices.SortedFunc(maps.Keys(s.states), func(x, y string) int {
		return cmp.Or(cmp.Compare(s.states[y], s.states[x]), strings.Compare(x, y))
	}) {
		g.row(name, Number(s.states[name]), percent(s.states[name], s.connections), meanings[name])
	}
	g.write(b)
}
