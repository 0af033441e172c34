package models

// Progress is the position of a consumer in one partition of a topic.
type Progress struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Done      int64  `json:"done"` // offset of the next record to process
	End       int64  `json:"end"`  // end offset of the partition when it was last queried
}

// LedgerTerm is one term of an equation of the ledger.
type LedgerTerm struct {
	Name string            `json:"name"`
	N    uint64            `json:"n"`
	By   map[string]uint64 `json:"by,omitempty"` // N split by reason
}

// LedgerCheck is one equation: the sum of In = the sum of Out + InFlight + Difference.
type LedgerCheck struct {
	Name       string       `json:"name"`
	Says       string       `json:"says"` // the equation in plain English
	In         []LedgerTerm `json:"in"`
	Out        []LedgerTerm `json:"out"`
	InFlight   int64        `json:"in_flight"`           // not yet counted by the next stage
	Remainder  string       `json:"remainder,omitempty"` // what in_flight means, if something else
	Difference int64        `json:"difference"`          // unexplained; 0 if the equation holds
	Holds      bool         `json:"holds"`               // Difference is 0
	Why        string       `json:"why,omitempty"`       // why it does not hold
}

// LedgerLane accounts for the packets of one lane of the engine since its model was
// created. At any time packets = scored + cold, and
// scored = alerted + withheld + passed.
type LedgerLane struct {
	Lane       int32  `json:"lane"`
	Instance   string `json:"instance"` // process that reported it last
	Packets    uint64 `json:"packets"`  // processed by the model, each once
	Cold       uint64 `json:"cold"`     // of these, not scored: the warm-up
	Scored     uint64 `json:"scored"`
	Alerted    uint64 `json:"alerted"`  // scored, and part of an alert
	Withheld   uint64 `json:"withheld"` // scored as anomalous, suppressed by the alert budget
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
	TS       Timestamp `json:"ts"`    // time of its last report
	State    string    `json:"state"` // runs; ended: with a final report; vanished: without one
}

// States of a LedgerProcess.
const (
	ProcessRuns     = "runs"
	ProcessEnded    = "ended"
	ProcessVanished = "vanished"
)

// Ledger is the response of GET /ledger: the counts of all processes since Since, as
// equations.
type Ledger struct {
	TS        Timestamp       `json:"ts"`
	Since     Timestamp       `json:"since"`   // start of this ledger
	AddsUp    bool            `json:"adds_up"` // every equation holds
	AtRest    bool            `json:"at_rest"` // no traffic and empty queues: in_flight must be 0
	Checks    []LedgerCheck   `json:"checks"`
	Lanes     []LedgerLane    `json:"lanes"`
	Recorded  []Progress      `json:"recorded"` // positions in the topics of alerts and connections
	Processes []LedgerProcess `json:"processes"`
	Notes     []string        `json:"notes"` // caveats
}
