package models

// HeaderRedriven says how often a record was put back to its topic after it could not
// be read: decimal, on the record and on the dead letter that it becomes again.
const HeaderRedriven = "redriven"

// HeaderRedrivenFrom names the dead letter that a record was put back from, as
// partition/offset, so that none is put back twice after a redrive was cut off.
const HeaderRedrivenFrom = "redriven-from"

// DeadLetter is what the headers of a dead letter say.
type DeadLetter struct {
	Reason    string `json:"reason"`
	Topic     string `json:"topic"` // where the record came from, "" where that is not said
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Redriven  int    `json:"redriven"` // times that it was put back before
}
