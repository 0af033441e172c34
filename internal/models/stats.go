package models

import "github.com/netlyra/netlyra/internal/models/vocabulary"

// StageCounts counts the input, output and drops of one stage of one process since the
// process started. In = Out + the sum of Dropped + what is still inside the stage.
type StageCounts struct {
	Stage   string            `json:"stage"` // capture, decode, conntrack, publish, consume, score, alert, record, live
	In      uint64            `json:"in"`
	Out     uint64            `json:"out"`
	Bytes   uint64            `json:"bytes,omitempty"`   // wire bytes, if the stage knows them
	Dropped map[string]uint64 `json:"dropped,omitempty"` // by reason
}

// PartitionStatus is the status of one lane in the engine that runs it.
type PartitionStatus struct {
	Lane      int32     `json:"lane"`
	Partition int32     `json:"partition"` // the lane; until the next major version
	Offset    int64     `json:"offset"`    // next to be read
	Lag       int64     `json:"lag"`       // records not yet processed
	EventTS   Timestamp `json:"event_ts"`
	Scored    uint64    `json:"scored"`
	Learned   uint64    `json:"learned"`
	Alerts    uint64    `json:"alerts"`
	Warm      bool      `json:"warm"`
	WarmAfter uint64    `json:"warm_after"` // packets until the model is warm, 0 when warm

	// Accounts for all packets that were read since the model was created. The counts are
	// part of the checkpoint: a restart neither loses nor repeats any.
	Packets    uint64 `json:"packets"`              // processed by the model, each once
	Cold       uint64 `json:"cold,omitempty"`       // of these, not scored: the warm-up
	Passed     uint64 `json:"passed,omitempty"`     // scored, and part of no alert
	Alerted    uint64 `json:"alerted,omitempty"`    // scored, and part of an alert: the sum of the alerts' counts
	Withheld   uint64 `json:"withheld,omitempty"`   // scored as anomalous, suppressed by the alert budget
	Held       uint64 `json:"held,omitempty"`       // read, waiting for earlier packets
	Duplicates uint64 `json:"duplicates,omitempty"` // read and skipped: delivered before
	Missing    uint64 `json:"missing,omitempty"`    // numbered by a producer, never read
	Unreadable uint64 `json:"unreadable,omitempty"` // records sent to the dead letters
}

// InstanceStats is what each process publishes on netlyra.stats ten times a second;
// the core adds them up for /stats and the WebSocket.
type InstanceStats struct {
	Instance   string                 `json:"instance"`          // host and process id
	Started    Timestamp              `json:"started,omitempty"` // wall clock; distinguishes it from an earlier process with the same name
	Role       string                 `json:"role"`              // up, core, engine, probe, replay
	TS         Timestamp              `json:"ts"`                // wall clock
	Stages     []StageCounts          `json:"stages"`
	Partitions []PartitionStatus      `json:"partitions,omitempty"`
	Recorded   []Progress             `json:"recorded,omitempty"`   // of processes that store alerts and connections
	Health     map[string]string      `json:"health,omitempty"`     // component to "ok" or the texts of its conditions
	Conditions []vocabulary.Condition `json:"conditions,omitempty"` // of all components; what Health says, for programs
	Traffic    *Traffic               `json:"traffic,omitempty"`    // of processes that capture
	Final      bool                   `json:"final,omitempty"`      // the last report before the process stops
	// Descriptors is nil if the operating system does not report them.
	Descriptors *Descriptors `json:"descriptors,omitempty"`
}

// Descriptors is the number of open file descriptors of a process, and its limit.
type Descriptors struct {
	Open  uint64 `json:"open"`
	Limit uint64 `json:"limit"`
}

// ScoreSample is one scored packet for the live score strip.
type ScoreSample struct {
	TS    Timestamp `json:"ts"`
	Score float64   `json:"score"` // 0…1
}

// ScoreBatch is what a lane scored since its previous batch: Count and Max cover all
// packets, Samples at most a few hundred.
type ScoreBatch struct {
	Lane      int32         `json:"lane"`
	Partition int32         `json:"partition"` // the lane; until the next major version
	Count     uint64        `json:"count"`
	Max       float64       `json:"max"`
	Threshold float64       `json:"threshold"`
	Samples   []ScoreSample `json:"samples"`
}

// Talker is a host with the most traffic in the last window, sent and received.
type Talker struct {
	IP      string `json:"ip"`
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
}

// Traffic is the traffic by protocol since the process started, and by host in the last
// window of event time.
type Traffic struct {
	Talkers     []Talker          `json:"talkers"`     // most bytes first, at most ten
	Protocols   map[string]uint64 `json:"protocols"`   // wire bytes by protocol, cumulative
	Connections uint64            `json:"connections"` // tracked now
	EventTS     Timestamp         `json:"event_ts"`    // newest packet
}

// Stats is the response of GET /stats and the data of a stats message: the sums over all
// processes. Rates are averages over about the last second of wall clock.
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
	WarmAfter        uint64                 `json:"warm_after"` // packets until the last lane is warm
	Lag              Lag                    `json:"lag"`
	Stages           []StageCounts          `json:"stages"`
	Partitions       []PartitionStatus      `json:"partitions"`
	Instances        []InstanceState        `json:"instances"`
	Traffic          Traffic                `json:"traffic"`
	Threshold        float64                `json:"threshold"`
	Idle             string                 `json:"idle,omitempty"` // text of the condition about the first stage that passes nothing on, "" while traffic flows
	Conditions       []vocabulary.Condition `json:"conditions"`     // of the pipeline as a whole: the one of Idle
}

// Lag is the number of records not yet processed, by topic.
type Lag struct {
	Packets     int64 `json:"packets"`
	Alerts      int64 `json:"alerts"`
	Connections int64 `json:"connections"`
}

// InstanceState is the last report of one process.
type InstanceState struct {
	Instance   string                 `json:"instance"`
	Role       string                 `json:"role"`
	TS         Timestamp              `json:"ts"`
	Health     map[string]string      `json:"health,omitempty"`
	Conditions []vocabulary.Condition `json:"conditions,omitempty"` // what Health says, for programs

	Descriptors *Descriptors `json:"descriptors,omitempty"` // nil if the process does not report them
}
