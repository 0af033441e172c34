package models

import "github.com/netlyra/netlyra/internal/models/vocabulary"

// StageCounts is what one stage of one process took in, passed on and dropped since
// the process started. In = Out + the sum of Dropped + what is inside the stage.
type StageCounts struct {
	Stage   string            `json:"stage"` // capture, decode, conntrack, publish, consume, score, alert, record, live
	In      uint64            `json:"in"`
	Out     uint64            `json:"out"`
	Bytes   uint64            `json:"bytes,omitempty"`   // wire bytes where the stage knows them
	Dropped map[string]uint64 `json:"dropped,omitempty"` // by reason
}

// PartitionStatus is the state of one partition in the engine that works on it.
type PartitionStatus struct {
	Partition int32     `json:"partition"`
	Offset    int64     `json:"offset"` // next to be read
	Lag       int64     `json:"lag"`    // records not yet worked off
	EventTS   Timestamp `json:"event_ts"`
	Scored    uint64    `json:"scored"`
	Learned   uint64    `json:"learned"`
	Alerts    uint64    `json:"alerts"`
	Warm      bool      `json:"warm"`
	WarmAfter uint64    `json:"warm_after"` // packets still wanted, 0 when warm

	// What became of the packets that were read, since the model began: these counts
	// are saved with the model, and a restart neither loses nor repeats any.
	Packets    uint64 `json:"packets"`              // taken in by the model, each once
	Cold       uint64 `json:"cold,omitempty"`       // of these, not scored: the warm-up
	Passed     uint64 `json:"passed,omitempty"`     // scored, and part of no alert
	Alerted    uint64 `json:"alerted,omitempty"`    // scored, and part of an alert: the sum of the alerts' counts
	Withheld   uint64 `json:"withheld,omitempty"`   // scored as an alert, which the budget of alerts did not allow
	Held       uint64 `json:"held,omitempty"`       // read, and waiting for their turn
	Duplicates uint64 `json:"duplicates,omitempty"` // read, and left out: delivered before
	Missing    uint64 `json:"missing,omitempty"`    // numbered by a producer, and never read
	Unreadable uint64 `json:"unreadable,omitempty"` // records put aside as dead letters
}

// InstanceStats is what each process publishes on netlyra.stats ten times a second;
// the core adds them up for /stats and the WebSocket.
type InstanceStats struct {
	Instance   string                 `json:"instance"`          // host and process id
	Started    Timestamp              `json:"started,omitempty"` // wall clock; tells it from one that had its name before
	Role       string                 `json:"role"`              // up, core, engine, probe, replay
	TS         Timestamp              `json:"ts"`                // wall clock: this is about the process, not about the packets
	Stages     []StageCounts          `json:"stages"`
	Partitions []PartitionStatus      `json:"partitions,omitempty"`
	Recorded   []Progress             `json:"recorded,omitempty"`   // of processes that store alerts and connections
	Health     map[string]string      `json:"health,omitempty"`     // component to "ok" or the texts of its conditions
	Conditions []vocabulary.Condition `json:"conditions,omitempty"` // of all components; what Health says, for programs
	Traffic    *Traffic               `json:"traffic,omitempty"`    // of processes that capture
	Final      bool                   `json:"final,omitempty"`      // the process says good-bye
	// Descriptors is nil where the system does not tell.
	Descriptors *Descriptors `json:"descriptors,omitempty"`
}

// Descriptors is how many file descriptors a process has open, and may have open.
type Descriptors struct {
	Open  uint64 `json:"open"`
	Limit uint64 `json:"limit"`
}

// ScoreSample is one scored packet for the live score strip.
type ScoreSample struct {
	TS    Timestamp `json:"ts"`
	Score float64   `json:"score"` // 0…1
}

// ScoreBatch is what a partition's pipeline scored since the batch before: all of it
// in Count and Max, and at most a few hundred packets as samples.
type ScoreBatch struct {
	Partition int32         `json:"partition"`
	Count     uint64        `json:"count"`
	Max       float64       `json:"max"`
	Threshold float64       `json:"threshold"`
	Samples   []ScoreSample `json:"samples"`
}

// Talker is one host and what it sent and received, a heavy hitter of the last window.
type Talker struct {
	IP      string `json:"ip"`
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
}

// Traffic is who talks and in what, since the process started (protocols) and over
// the last window of event time (talkers).
type Traffic struct {
	Talkers     []Talker          `json:"talkers"`     // most bytes first, at most ten
	Protocols   map[string]uint64 `json:"protocols"`   // wire bytes by protocol, cumulative
	Connections uint64            `json:"connections"` // tracked now
	EventTS     Timestamp         `json:"event_ts"`    // newest packet
}

// Stats is the answer of GET /stats and the data of a stats message: all processes
// added up. Rates are over about the last second of wall clock.
type Stats struct {
	TS               Timestamp              `json:"ts"`
	Packets          uint64                 `json:"packets"`
	Bytes            uint64                 `json:"bytes"`
	Alerts           uint64                 `json:"alerts"` // alert records stored or grown since start
	Connections      uint64                 `json:"connections"`
	PacketsPerSecond float64                `json:"packets_per_second"`
	BitsPerSecond    float64                `json:"bits_per_second"`
	Scored           uint64                 `json:"scored"`
	ScoredPerSecond  float64                `json:"scored_per_second"`
	Warm             bool                   `json:"warm"`
	WarmAfter        uint64                 `json:"warm_after"` // packets still wanted by the coldest partition
	Lag              Lag                    `json:"lag"`
	Stages           []StageCounts          `json:"stages"`
	Partitions       []PartitionStatus      `json:"partitions"`
	Instances        []InstanceState        `json:"instances"`
	Traffic          Traffic                `json:"traffic"`
	Threshold        float64                `json:"threshold"`
	Idle             string                 `json:"idle,omitempty"` // text of the condition about the first stage that passes nothing on, "" while traffic flows
	Conditions       []vocabulary.Condition `json:"conditions"`     // of the pipeline as a whole: the one of Idle
}

// Lag is records not yet worked off, by topic.
type Lag struct {
	Packets     int64 `json:"packets"`
	Alerts      int64 `json:"alerts"`
	Connections int64 `json:"connections"`
}

// InstanceState is one process as the core last heard of it.
type InstanceState struct {
	Instance   string                 `json:"instance"`
	Role       string                 `json:"role"`
	TS         Timestamp              `json:"ts"`
	Health     map[string]string      `json:"health,omitempty"`
	Conditions []vocabulary.Condition `json:"conditions,omitempty"` // what Health says, for programs

	Descriptors *Descriptors `json:"descriptors,omitempty"` // nil where the process does not know
}
