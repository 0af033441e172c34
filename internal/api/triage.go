package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/models"
)

// patchAlert records what a person says of an alert.
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

// body reads the JSON object of a request into v, or answers with what is wrong.
func (s *Server) body(c *gin.Context, v any) (ok bool) {
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/json" {
		c.Header("Accept-Patch", "application/json")
		problem(c, http.StatusUnsupportedMediaType, "The body must be JSON, and Content-Type must say application/json.")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, s.cfg.MaxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more than one JSON value")
		}
	}
	var large *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return true
	case errors.As(err, &large):
		problem(c, http.StatusRequestEntityTooLarge, "The body is too large.")
	case errors.As(err, &kind):
		problem(c, http.StatusBadRequest, "The body cannot be used; errors says why.", FieldError{"body", kind.Field, "must be a " + jsonName(kind.Type.String()) + ", not a " + kind.Value})
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		problem(c, http.StatusBadRequest, "The body cannot be used; errors says why.", FieldError{"body", name, "is no field of this body"})
	default:
		problem(c, http.StatusBadRequest, "The body is not one JSON object: "+err.Error()+".")
	}
	return false
}

// jsonName is what a Go type is called in JSON.
func jsonName(t string) string {
	if strings.Contains(t, "string") || strings.Contains(t, "State") {
		return "string"
	}
	return "object"
}
