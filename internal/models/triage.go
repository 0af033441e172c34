package models

// TriageState is what a person said of an alert.
type TriageState string

// The triage states. An alert is new until someone says otherwise.
const (
	TriageNew           TriageState = "new"
	TriageAck           TriageState = "ack"
	TriageMuted         TriageState = "muted"
	TriageFalsePositive TriageState = "false_positive"
)

// TriageStates lists the states in the order in which a person meets them.
func TriageStates() []TriageState {
	return []TriageState{TriageNew, TriageAck, TriageMuted, TriageFalsePositive}
}

// Triage is a change that a person makes to an alert: nil leaves as it is.
type Triage struct {
	State  *TriageState `json:"state"`
	Note   *string      `json:"note"`
	Author string       `json:"author"` // who says so, "" where unsaid: this version knows no users
}

// TriageEntry is one change in the history of an alert.
type TriageEntry struct {
	At     Timestamp   `json:"at"` // wall clock
	From   TriageState `json:"from"`
	State  TriageState `json:"state"`
	Note   string      `json:"note"`
	Author string      `json:"author"`
}

// AlertView is an alert with what people said of it.
type AlertView struct {
	Alert
	State TriageState `json:"state" gorm:"column:state"`
	Note  string      `json:"note" gorm:"column:note"`
}

// AlertDetail is all that is known of one alert.
type AlertDetail struct {
	AlertView
	Triage     []TriageEntry `json:"triage"`     // oldest first
	Connection *Connection   `json:"connection"` // that the alert is about, nil where unknown
}
