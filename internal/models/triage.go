package models

// TriageState is the assessment of an alert by a person.
type TriageState string

// The triage states. An alert is new until a person changes its state.
const (
	TriageNew           TriageState = "new"
	TriageAck           TriageState = "ack"
	TriageMuted         TriageState = "muted"
	TriageFalsePositive TriageState = "false_positive"
)

// TriageStates returns the states in display order.
func TriageStates() []TriageState {
	return []TriageState{TriageNew, TriageAck, TriageMuted, TriageFalsePositive}
}

// Triage is a change to the triage of an alert; nil fields stay unchanged.
type Triage struct {
	State  *TriageState `json:"state"`
	Note   *string      `json:"note"`
	Author string       `json:"author"` // name given by the caller, "" if none; this version has no user accounts
}

// TriageEntry is one change in the history of an alert.
type TriageEntry struct {
	At     Timestamp   `json:"at"` // wall clock
	From   TriageState `json:"from"`
	State  TriageState `json:"state"`
	Note   string      `json:"note"`
	Author string      `json:"author"`
}

// AlertView is an alert with its triage.
type AlertView struct {
	Alert
	State TriageState `json:"state" gorm:"column:state"`
	Note  string      `json:"note" gorm:"column:note"`
}

// AlertDetail is an alert with its triage history and its connection.
type AlertDetail struct {
	AlertView
	NextSteps  string        `json:"next_steps"` // what to do next, two sentences for people; derived from the kind, "" for a kind that this version does not know
	Triage     []TriageEntry `json:"triage"`     // oldest first
	Connection *Connection   `json:"connection"` // that the alert is about, nil if unknown
}
