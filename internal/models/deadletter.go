package models

// HeaderRedriven says how often a record was put back to its topic after it could not
// be read: decimal, on the record and on the dead letter that it becomes again.
const HeaderRedriven = "redriven"

// HeaderRedrivenFrom names the dead letter that a record was put back from, as
// partition/offset, so that none is put back twice after a redrive was cut off.
const HeaderRedrivenFrom = "redriven-from"

// HeaderTruncated says of a dead letter that it is only the beginning of a record, which
// was too large to be put aside: decimal, the bytes that its key and value had.
const HeaderTruncated = "truncated"

// DeadLetter is what the headers of a dead letter say.
type DeadLetter struct {
	Reason    string `json:"reason"`
	Topic     string `json:"topic"` // where the record came from, "" where that is not said
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Redriven  int    `json:"redriven"`            // times that it was put back before
	Truncated int64  `json:"truncated,omitempty"` // bytes that the record had, where this is not all of it
}
