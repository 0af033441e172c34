package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/models"
)

// Problem is an error as it is answered (RFC 9457).
type Problem struct {
	Type     string       `json:"type"`  // about:blank: the status says what it is
	Title    string       `json:"title"` // of the status
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance,omitempty"` // path of the request
	Errors   []FieldError `json:"errors,omitempty"`
}

// FieldError is what is wrong with one parameter or field.
type FieldError struct {
	In     string `json:"in"` // query, path or body
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

const problemType = "application/problem+json"

// writeProblem answers with a problem.
func writeProblem(w http.ResponseWriter, r *http.Request, status int, detail string, errs ...FieldError) {
	b, _ := json.Marshal(Problem{"about:blank", http.StatusText(status), status, detail, r.URL.Path, errs}) // strings and numbers only
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the client may have gone
}

func problem(c *gin.Context, status int, detail string, errs ...FieldError) {
	c.Abort()
	writeProblem(c.Writer, c.Request, status, detail, errs...)
}

// fail answers with the problem that err is; in says where a field that err names came from.
func (s *Server) fail(c *gin.Context, in string, err error) {
	var bad *models.QueryError
	switch {
	case errors.As(err, &bad):
		problem(c, http.StatusBadRequest, "The request cannot be answered as it is.", FieldError{in, bad.Field, bad.Reason})
	case errors.Is(err, models.ErrNotFound):
		problem(c, http.StatusNotFound, "There is no "+err.Error()+".")
	case errors.Is(err, errSearchesBusy):
		c.Header("Retry-After", "2")
		problem(c, http.StatusServiceUnavailable, "Too many searches are running. Try again, or ask without a filter.")
	case errors.Is(err, context.Canceled):
		c.Abort() // the client has gone; nobody reads an answer
	case errors.Is(err, context.DeadlineExceeded):
		c.Header("Retry-After", "5")
		problem(c, http.StatusServiceUnavailable, "The database took too long. Narrow the time or the filter.")
	default:
		s.deps.Log.Error("request failed", "client", c.ClientIP(), "path", c.Request.URL.Path, "error", err)
		problem(c, http.StatusInternalServerError, "The database could not be read or written; the log has the reason.")
	}
}
