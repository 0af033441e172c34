package vocabulary

import "log/slog"

// Entry describes one identifier.
type Entry struct {
	Code string // the identifier
	Name string // display name, as in a table's cell: "Port scan"
	Help string // one or two sentences: what it means and, where something is wrong, what to do
}

// Name returns the display name of code among the entries, or code itself if it is not
// one of them.
func Name(entries []Entry, code string) string {
	for i := range entries {
		if entries[i].Code == code {
			return entries[i].Name
		}
	}
	return code
}

// Event identifies one kind of log line. It is the attribute "event" of that line.
type Event string

// EventKey is the key of the attribute with the Event of a log line.
const EventKey = "event"

// Attr is the log attribute: log.Warn("text", vocabulary.EventTopicRecreated.Attr(), …).
func (e Event) Attr() slog.Attr { return slog.String(EventKey, string(e)) }

// Severity says how much a condition matters.
type Severity string

// Severities, from the least.
const (
	SeverityInfo     Severity = "info"     // worth knowing; nothing is wrong
	SeverityDegraded Severity = "degraded" // something is wrong; the pipeline does its work
	SeverityFailed   Severity = "failed"   // the process cannot do its work
)

// Condition is one statement about the state of a process: what /health, the topic
// netlyra.stats and the dashboard show.
type Condition struct {
	Stage    string         `json:"stage"`            // component or stage that it is about: "kafka", "checkpoints"
	Code     string         `json:"code"`             // identifier from this package
	Severity Severity       `json:"severity"`         // info, degraded or failed
	Params   map[string]any `json:"params,omitempty"` // figures and names in Text, for programs; scalars only
	Text     string         `json:"text"`             // one line for people
}
