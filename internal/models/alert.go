package models

// Severity grades an alert from its score, breadth, length and kind.
type Severity string

// The severities, from the least.
const (
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// Alert is one episode of a behavior: a statistic of a host, a pair or a segment that an
// ordinary subject hardly ever reaches. Later episodes of the same pattern continue it. It is
// published when an episode begins and again as it grows. Records with the same ID replace
// each other; the one with the highest Count (then LastTS) wins.
//
// ID is derived from what the alert is about (subject, behavior, time of the first packet),
// so that processing the same packets twice gives each alert once.
type Alert struct {
	ID             string             `json:"id" gorm:"column:id"`
	TS             Timestamp          `json:"ts" gorm:"column:ts"`           // packet that started the first episode of the pattern
	LastTS         Timestamp          `json:"last_ts" gorm:"column:last_ts"` // latest packet of the latest episode
	SrcIP          string             `json:"src_ip" gorm:"column:src_ip"`
	DstIP          string             `json:"dst_ip" gorm:"column:dst_ip"`
	SrcPort        uint16             `json:"src_port" gorm:"column:src_port"`
	DstPort        uint16             `json:"dst_port" gorm:"column:dst_port"`
	Proto          string             `json:"proto" gorm:"column:proto"`
	Score          float64            `json:"score" gorm:"column:score"`         // highest of the latest episode, 0…1: −log10 of a probability, divided by 5
	Threshold      float64            `json:"threshold" gorm:"column:threshold"` // score from which a behavior starts an alert, 0…1
	Severity       Severity           `json:"severity" gorm:"column:severity"`
	Count          uint64             `json:"count" gorm:"column:count"`                                             // packets of all episodes of the pattern
	Kind           string             `json:"kind" gorm:"column:kind"`                                               // of the behavior with the highest level: port_scan, flood, … or unusual
	Technique      string             `json:"technique,omitempty" gorm:"column:technique"`                           // MITRE ATT&CK id, "" if none fits
	Scale          string             `json:"scale" gorm:"column:scale"`                                             // host; packet or connection in alerts of earlier versions
	Summary        string             `json:"summary" gorm:"column:summary"`                                         // one sentence in plain English
	Conn           string             `json:"conn,omitempty" gorm:"column:conn"`                                     // connection of the packet with the highest level
	Features       map[string]float64 `json:"features" gorm:"column:features;serializer:json"`                       // at least entropy, packet_rate, byte_rate
	Reasons        []Reason           `json:"reasons" gorm:"column:reasons;serializer:json"`                         // the shares add up to 1
	Counterfactual *Counterfactual    `json:"counterfactual,omitempty" gorm:"column:counterfactual;serializer:json"` // nil in alerts of earlier versions for which no change sufficed
	Evidence       *Evidence          `json:"evidence,omitempty" gorm:"column:evidence;serializer:json"`             // what raised the alert, and how it grew
	Recurrence     *Recurrence        `json:"recurrence,omitempty" gorm:"column:recurrence;serializer:json"`         // earlier episodes of the same pattern; nil if it is the first
	Model          ModelRef           `json:"model" gorm:"column:model;serializer:json"`
}

// TableName names the table for GORM.
func (Alert) TableName() string { return "alerts" }

// Evidence is the statistic that raised an alert, and how it grew.
type Evidence struct {
	Feature string          `json:"feature"` // the statistic: a feature of the group behavior
	Value   float64         `json:"value"`   // highest of the episode, in the unit of the feature
	Limit   float64         `json:"limit"`   // value from which there is an alert
	Level   float64         `json:"level"`   // −log10 of the probability that ordinary traffic of one subject reaches the value in a minute
	Series  []EvidencePoint `json:"series"`  // at most MaxEvidencePoints values in the order of time, the last one the highest
}

// MaxEvidencePoints bounds Evidence.Series; when it is full every second point is dropped.
const MaxEvidencePoints = 24

// EvidencePoint is the value of a statistic at a time.
type EvidencePoint struct {
	TS    Timestamp `json:"ts"`
	Value float64   `json:"value"`
}

// Recurrence says how often and how regularly the pattern of an alert came back.
type Recurrence struct {
	Count    uint64    `json:"count"`         // episodes, with the current one
	First    Timestamp `json:"first"`         // start of the first episode
	Every    float64   `json:"every_seconds"` // mean time between the starts of two episodes
	Regular  bool      `json:"regular"`       // the times between two episodes are similar
	Baseline bool      `json:"baseline"`      // it has become ordinary; further episodes are counted only, unless they are larger
}

// Reason attributes a part of an alert to one feature.
type Reason struct {
	Feature string     `json:"feature"`
	Value   float64    `json:"value"`          // in the unit of the feature
	Typical [2]float64 `json:"typical"`        // 5th and 95th percentile, in the same unit; of a behavior, 0 and that of subjects in a minute
	Share   float64    `json:"share"`          // 0…1
	Text    string     `json:"text,omitempty"` // one sentence for people, without its full stop
}

// ModelRef identifies the model that raised the alert, so that it can be reproduced.
type ModelRef struct {
	Version   string `json:"version"`   // of features and forests; different versions may give different scores
	Lane      int32  `json:"lane"`      // 0 unless there are several models; older alerts have only partition
	Partition int32  `json:"partition"` // the lane; until the next major version
	Offset    int64  `json:"offset"`    // packets that the model had processed before this one
}
