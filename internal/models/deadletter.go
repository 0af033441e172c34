package models

// HeaderRedriven is the number of times that a record was redriven to its topic: decimal, on
// the record, and on the dead letter if it becomes one again.
const HeaderRedriven = "redriven"

// HeaderRedrivenFrom is the dead letter that a record was redriven from, as
// partition/offset, so that an interrupted redrive can be repeated without duplicates.
const HeaderRedrivenFrom = "redriven-from"

// HeaderTruncated marks a dead letter that holds only the beginning of a record that was too
// large: decimal, the original bytes of key and value.
const HeaderTruncated = "truncated"

// DeadLetter is the content of the headers of a dead letter.
type DeadLetter struct {
	Reason    string `json:"reason"`
	Topic     string `json:"topic"` // where the record came from, "" if unknown
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Redriven  int    `json:"redriven"`            // number of earlier redrives
	Truncated int64  `json:"truncated,omitempty"` // original bytes of the record, if this is only a part of it
}
