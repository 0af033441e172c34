package decode

// Reason says why a frame gave no packet. It is an error whose text is short and
// fixed, so that callers count by it; making one allocates nothing.
type Reason uint8

// The reasons. Zero is none of them and never returned.
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
	FragmentCut
	FragmentBad
	BadTunnelHeader
	InnerLengthMismatch
	LinkWithoutIP
	EncryptedFrame
	TunnelCut
	reasons
)

var reasonTexts = [reasons]string{
	ok:                   "none",
	UnknownLinkType:      "unknown link type",
	TruncatedLink:        "truncated link header",
	BadLinkLength:        "bad length in link header",
	NotIP:                "not IP",
	NotDataFrame:         "802.11 frame without data",
	ProtectedFrame:       "802.11 frame is encrypted",
	TooManyHeaders:       "too many headers",
	TooManyTunnels:       "too many tunnels",
	TruncatedIP:          "truncated IP header",
	BadIPVersion:         "bad IP version",
	BadIPHeaderLength:    "bad IP header length",
	IPLengthExceedsFrame: "IP length exceeds the frame",
	BadIPChecksum:        "bad IP checksum",
	FragmentHeld:         "fragment held",
	FragmentCut:          "fragment cut by the capture",
	FragmentBad:          "bad fragment",
	BadTunnelHeader:      "bad tunnel header",
	InnerLengthMismatch:  "length of the inner packet does not fit",
	LinkWithoutIP:        "link type carries no IP",
	EncryptedFrame:       "MACsec frame is encrypted",
	TunnelCut:            "tunnel header cut by the capture",
}

// Error is the fixed text.
func (r Reason) Error() string {
	if r < reasons {
		return reasonTexts[r]
	}
	return "unknown reason"
}

// Reasons lists all reasons that Decode may return, in a fixed order.
func Reasons() []Reason {
	all := make([]Reason, 0, reasons-1)
	for r := ok + 1; r < reasons; r++ {
		all = append(all, r)
	}
	return all
}
