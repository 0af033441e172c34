package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// patchAlert changes the triage state or the note of an alert.
func (s *Server) patchAlert(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	var t models.Triage
	if !s.body(c, &t) {
		return
	}
	ctx, cancel := s.queryContext(c)
	defer cancel()
	d, err := s.deps.Alerts.Triage(ctx, c.Param("id"), t)
	if err != nil {
		s.fail(c, "body", err)
		return
	}
	c.JSON(http.StatusOK, d)
}

// body decodes the JSON object of a request into v, or responds with a problem.
func (s *Server) body(c *gin.Context, v any) (ok bool) {
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/json" {
		c.Header("Accept-Patch", "application/json")
		problem(c, http.StatusUnsupportedMediaType, vocabulary.ProblemUnsupportedType, "The Content-Type must be application/json.")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, s.cfg.MaxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("the body contains more than one JSON value")
		}
	}
	var large *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	invalid := func(e httpserver.FieldError) {
		problem(c, http.StatusBadRequest, vocabulary.ProblemInvalidBody, "Invalid body; see errors.", e)
	}
	switch {
	case err == nil:
		return true
	case errors.As(err, &large):
		problem(c, http.StatusRequestEntityTooLarge, vocabulary.ProblemBodyTooLarge, fmt.Sprintf("The body is larger than %d bytes.", s.cfg.MaxBody))
	case errors.As(err, &kind):
		invalid(httpserver.FieldError{In: "body", Field: kind.Field, Detail: "must be of type " + jsonName(kind.Type.String()) + ", not " + kind.Value})
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		invalid(httpserver.FieldError{In: "body", Field: name, Detail: "is not a field of this body"})
	default:
		problem(c, http.StatusBadRequest, vocabulary.ProblemInvalidBody, "The body is not a JSON object: "+err.Error()+".")
	}
	return false
}

// jsonName returns the JSON type of a Go type.
func jsonName(t string) string {
	if strings.Contains(t, "string") || strings.Contains(t, "State") {
		return "string"
	}
	return "object"
}
