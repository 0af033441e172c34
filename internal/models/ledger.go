package models

// Progress is how far a consumer is in one partition of a topic.
type Progress struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Done      int64  `json:"done"` // next offset to be worked off
	End       int64  `json:"end"`  // of the log, as last asked for
}

// LedgerTerm is one side's part of an equation of the ledger.
type LedgerTerm struct {
	Name string            `json:"name"`
	N    uint64            `json:"n"`
	By   map[string]uint64 `json:"by,omitempty"` // reasons that it is made of
}

// LedgerCheck is one equation: the sum of In = the sum of Out + InFlight + Difference.
type LedgerCheck struct {
	Name       string       `json:"name"`
	Says       string       `json:"says"` // the equation in words
	In         []LedgerTerm `json:"in"`
	Out        []LedgerTerm `json:"out"`
	InFlight   int64        `json:"in_flight"`           // on its way: not yet counted by who comes next
	Remainder  string       `json:"remainder,omitempty"` // what in_flight is, where it is something else
	Difference int64        `json:"difference"`          // what nothing explains; 0 where the ledger adds up
	Holds      bool         `json:"holds"`               // Difference is 0
	Why        string       `json:"why,omitempty"`       // where it does not hold
}

// LedgerLane is what became of the packets of one lane of the engine since its model
// began. It adds up at every moment: packets = scored + cold, and
// scored = alerted + withheld + passed.
type LedgerLane struct {
	Lane       int32  `json:"lane"`
	Instance   string `json:"instance"` // who told of it last
	Packets    uint64 `json:"packets"`  // taken in by the model, each once
	Cold       uint64 `json:"cold"`     // of these, not scored: the warm-up
	Scored     uint64 `json:"scored"`
	Alerted    uint64 `json:"alerted"`  // scored, and part of an alert
	Withheld   uint64 `json:"withheld"` // scored as an alert that the budget did not allow
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
	State    string    `json:"state"` // runs; ended: it said good-bye; vanished: it did not
}

// States of a LedgerProcess.
const (
	ProcessRuns     = "runs"
	ProcessEnded    = "ended"
	ProcessVanished = "vanished"
)

// Ledger is the answer of GET /ledger: what all processes counted since Since, as
// equations.
type Ledger struct {
	TS        Timestamp       `json:"ts"`
	Since     Timestamp       `json:"since"`   // when this ledger was begun
	AddsUp    bool            `json:"adds_up"` // every equation holds
	AtRest    bool            `json:"at_rest"` // nothing moves and nothing waits: in_flight must be 0
	Checks    []LedgerCheck   `json:"checks"`
	Lanes     []LedgerLane    `json:"lanes"`
	Recorded  []Progress      `json:"recorded"` // of the topics of alerts and connections
	Processes []LedgerProcess `json:"processes"`
	Notes     []string        `json:"notes"` // what a reader should know before trusting the sums
}
