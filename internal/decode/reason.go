package decode

import "github.com/netlyra/netlyra/internal/models/vocabulary"

// Reason is why a frame yields no packet. It is an error that costs no allocation; its code
// and texts are those of vocabulary.DecodeDrops.
type Reason uint8

// The reasons, in the order of vocabulary.DecodeDrops. Decode never returns the zero value.
const (
	ok Reason = iota
	UnknownLinkType
	TruncatedLink
	BadLinkLength
	NotIP
	NotDataFrame
	ProtectedFrame
	TooManyHeaders
	TooManyTunnels
	TruncatedIP
	BadIPVersion
	BadIPHeaderLength
	IPLengthExceedsFrame
	BadIPChecksum
	FragmentHeld
	FragmentTruncated
	FragmentBad
	BadTunnelHeader
	InnerLengthMismatch
	LinkWithoutIP
	EncryptedFrame
	TunnelTruncated
	BadLinkMessage
	reasons
)

// Code returns the identifier of r in package vocabulary, such as "not_ip". It is what
// counters, metrics and statistics use.
func (r Reason) Code() string {
	if r > ok && r < reasons {
		return vocabulary.DecodeDrops[r-1].Code
	}
	return "none"
}

// Error returns the code.
func (r Reason) Error() string { return r.Code() }

// Reasons returns all reasons that Decode may return, in a fixed order.
func Reasons() []Reason {
	all := make([]Reason, 0, reasons-1)
	for r := ok + 1; r < reasons; r++ {
		all = append(all, r)
	}
	return all
}
