package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// problem writes an error response and stops the handlers of the request.
func problem(c *gin.Context, status int, code, detail string, errs ...httpserver.FieldError) {
	c.Abort()
	httpserver.NewProblem(status, code, detail, errs...).Write(c.Writer, c.Request)
}

// fail writes the error response for err, an error of the database. in is the part of the
// request (query or body) that has the field of a *models.QueryError.
func (s *Server) fail(c *gin.Context, in string, err error) {
	var bad *models.QueryError
	switch {
	case errors.As(err, &bad):
		code := vocabulary.ProblemInvalidParameters
		if in == "body" {
			code = vocabulary.ProblemInvalidBody
		}
		problem(c, http.StatusBadRequest, code, "Invalid request; see errors.", httpserver.FieldError{In: in, Field: bad.Field, Detail: bad.Reason})
	case errors.Is(err, models.ErrNotFound):
		problem(c, http.StatusNotFound, vocabulary.ProblemNotFound, strings.ToUpper(err.Error()[:1])+err.Error()[1:]+".")
	case errors.Is(err, errSearchesBusy):
		c.Header("Retry-After", "2")
		problem(c, http.StatusServiceUnavailable, vocabulary.ProblemTooManySearches, "Too many searches are running; retry later, or remove the filter.")
	case errors.Is(err, context.Canceled):
		c.Abort() // the client has disconnected
	case errors.Is(err, context.DeadlineExceeded):
		c.Header("Retry-After", "5")
		problem(c, http.StatusServiceUnavailable, vocabulary.ProblemDatabaseTimeout, "The database query took too long; narrow the time range or the filter.")
	default:
		s.deps.Log.Error("request failed", vocabulary.EventRequestFailed.Attr(), "client", c.ClientIP(), "path", c.Request.URL.Path, "error", err)
		problem(c, http.StatusInternalServerError, vocabulary.ProblemDatabaseUnavailable, "Database error; see the log.")
	}
}
