package obs

import "fmt"

// What a check came to, besides StatusOK.
const (
	StatusWarning = "warning" // it works, and something should be done about it
	StatusFailed  = "failed"  // it cannot work
)

// Finding is what one check of an installation found, for `netlyra doctor` and for
// the log of a start.
type Finding struct {
	Check  string `json:"check"`            // what was looked at
	Status string `json:"status"`           // StatusOK, StatusWarning or StatusFailed
	Detail string `json:"detail"`           // what was found, one line
	Advice string `json:"advice,omitempty"` // what to do; empty where all is well
	Code   string `json:"code,omitempty"`   // stable identifier of what was found, for programs; most have none
}

// Found is a Finding that wants no advice.
func Found(check, format string, args ...any) Finding {
	return Finding{Check: check, Status: StatusOK, Detail: fmt.Sprintf(format, args...)}
}

// Warn is a Finding of something that should be done about.
func Warn(check, advice, format string, args ...any) Finding {
	return Finding{Check: check, Status: StatusWarning, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

// Fail is a Finding of something that cannot work.
func Fail(check, advice, format string, args ...any) Finding {
	return Finding{Check: check, Status: StatusFailed, Detail: fmt.Sprintf(format, args...), Advice: advice}
}
