package obs

import "fmt"

// Results of a check, besides StatusOK.
const (
	StatusWarning = "warning" // it works and needs attention
	StatusFailed  = "failed"  // it does not work
)

// Finding is the result of one check of an installation, for 'netlyra doctor' and for the
// log at start.
type Finding struct {
	Check  string `json:"check"`            // what was checked
	Status string `json:"status"`           // StatusOK, StatusWarning or StatusFailed
	Detail string `json:"detail"`           // result, one line
	Advice string `json:"advice,omitempty"` // what to do; empty if the status is ok
	Code   string `json:"code,omitempty"`   // identifier from package vocabulary: of the result, or else of the check
}

// Coded returns f with code, the identifier of its check, unless f has a code already.
func (f Finding) Coded(code string) Finding {
	if f.Code == "" {
		f.Code = code
	}
	return f
}

// Found returns a Finding with StatusOK.
func Found(check, format string, args ...any) Finding {
	return Finding{Check: check, Status: StatusOK, Detail: fmt.Sprintf(format, args...)}
}

// Warn returns a Finding with StatusWarning.
func Warn(check, advice, format string, args ...any) Finding {
	return Finding{Check: check, Status: StatusWarning, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

// Fail returns a Finding with StatusFailed.
func Fail(check, advice, format string, args ...any) Finding {
	return Finding{Check: check, Status: StatusFailed, Detail: fmt.Sprintf(format, args...), Advice: advice}
}
