package models

import "github.com/netlyra/netlyra/internal/models/vocabulary"

// Progress is the position of a consumer in one partition of a topic.
type Progress struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Done      int64  `json:"done"` // next offset to process
	End       int64  `json:"end"`  // end offset, as last fetched; -1: unknown
}

// LedgerTerm is one term of an equation of the ledger.
type LedgerTerm struct {
	Name  string            `json:"name"`            // a Term… code of package vocabulary
	Stage string            `json:"stage,omitempty"` // stage that counted it; empty for the lanes' totals
	N     uint64            `json:"n"`
	By    map[string]uint64 `json:"by,omitempty"` // by drop reason
}

// LedgerCheck is one equation: the sum of In = the sum of Out + InFlight + Difference.
type LedgerCheck struct {
	Name       string                `json:"name"` // a Check… code of package vocabulary, or a stage
	Says       string                `json:"says"` // the equation in words
	In         []LedgerTerm          `json:"in"`
	Out        []LedgerTerm          `json:"out"`
	InFlight   int64                 `json:"in_flight"`           // not yet counted on the right side
	Remainder  string                `json:"remainder,omitempty"` // a Remainder… code of package vocabulary, if in_flight is not in flight
	Difference int64                 `json:"difference"`          // unexplained; 0 if the equation holds
	Holds      bool                  `json:"holds"`               // Difference is 0
	Why        string                `json:"why,omitempty"`       // text of the finding
	Finding    *vocabulary.Condition `json:"finding,omitempty"`   // if it does not hold
}

// LedgerLane is the outcome of the packets of one lane of the engine since its model was
// untrained. It balances at any time: packets = scored + cold, and
// scored = alerted + withheld + passed.
type LedgerLane struct {
	Lane       int32  `json:"lane"`
	Instance   string `json:"instance"` // that reported it last
	Packets    uint64 `json:"packets"`  // accepted by the model, each once
	Cold       uint64 `json:"cold"`     // of these, used for the warm-up and not scored
	Scored     uint64 `json:"scored"`
	Alerted    uint64 `json:"alerted"`  // scored, and part of an alert
	Withheld   uint64 `json:"withheld"` // scored as an alert that the alert budget did not allow
	Passed     uint64 `json:"passed"`   // scored, and part of no alert
	Alerts     uint64 `json:"alerts"`
	Held       uint64 `json:"held"`
	Duplicates uint64 `json:"duplicates"`
	Missing    uint64 `json:"missing"`
	Unreadable uint64 `json:"unreadable"`
	Lag        int64  `json:"lag"` // records
	Difference int64  `json:"difference"`
	Holds      bool   `json:"holds"`
}

// LedgerProcess is a process whose counts are in the ledger.
type LedgerProcess struct {
	Instance string    `json:"instance"`
	Role     string    `json:"role"`
	Started  Timestamp `json:"started"`
	TS       Timestamp `json:"ts"`    // of its last report
	State    string    `json:"state"` // a Process… code of package vocabulary
}

// Ledger is the answer of GET /ledger: the counts of all processes since Since, as
// equations.
type Ledger struct {
	TS         Timestamp              `json:"ts"`
	Since      Timestamp              `json:"since"`   // when the ledger began
	AddsUp     bool                   `json:"adds_up"` // every equation holds
	AtRest     bool                   `json:"at_rest"` // nothing moves and nothing waits: in_flight is 0
	Checks     []LedgerCheck          `json:"checks"`
	Lanes      []LedgerLane           `json:"lanes"`
	Recorded   []Progress             `json:"recorded"` // of the topics of alerts and connections
	Processes  []LedgerProcess        `json:"processes"`
	Notes      []string               `json:"notes"`      // texts of Conditions
	Conditions []vocabulary.Condition `json:"conditions"` // what a reader should know before relying on the sums
}
