package httpserver

import (
	"encoding/json"
	"net/http"
)

// Problem is an error response (RFC 9457).
type Problem struct {
	Type     string       `json:"type"`  // always about:blank: Code identifies the problem
	Title    string       `json:"title"` // text of the status
	Status   int          `json:"status"`
	Code     string       `json:"code"`               // one of vocabulary.Problems
	Detail   string       `json:"detail"`             // for people; may change
	Instance string       `json:"instance,omitempty"` // path of the request
	Errors   []FieldError `json:"errors,omitempty"`
}

// FieldError is an invalid parameter or field of a request.
type FieldError struct {
	In     string `json:"in"` // query, path or body
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// NewProblem returns the problem with this status and code.
func NewProblem(status int, code, detail string, errs ...FieldError) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Errors: errs}
}

// Write writes p as the response to r.
func (p Problem) Write(w http.ResponseWriter, r *http.Request) {
	p.Instance = r.URL.Path
	h := w.Header()
	h.Set("Content-Type", ProblemType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(p.encode()) // the client may have disconnected
}

// WriteAndClose is Write with the connection closed afterwards, so that the rest of the
// request is not read.
func (p Problem) WriteAndClose(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close")
	p.Write(w, r)
}

func (p Problem) encode() []byte {
	b, _ := json.Marshal(p) // cannot fail: strings and numbers only
	return append(b, '\n')
}
