package api

import (
	"math"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// maxQ limits the search text, in bytes.
const maxQ = 200

var (
	severities = []models.Severity{models.SeverityLow, models.SeverityMedium, models.SeverityHigh, models.SeverityCritical}
	phases     = []string{"new", "active", "idle", "closed", "expired", "any"}
	connStates = []string{"S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"}
)

// filter parses the parameters that both lists share.
func (p *params) filter() (f models.Filter) {
	f.Since, f.Until, f.IP, f.Proto = p.time("since"), p.time("until"), p.prefix("ip"), p.proto("proto")
	if n, ok := p.whole("port", 0, math.MaxUint16, 0); ok {
		port := uint16(n)
		f.Port = &port
	}
	f.Q, _ = p.text("q", maxQ)
	if f.Since != nil && f.Until != nil && *f.Since > *f.Until {
		p.bad("since", "is later than until")
	}
	return f
}

func (p *params) paging() (g models.Paging) {
	g.Sort = p.sort()
	g.Limit, _ = p.whole("limit", 1, 500, 50)
	page, numbered := p.whole("page", 1, 1_000_001, 1)
	g.Page = page
	g.Cursor, _ = p.text("cursor", 2000)
	if numbered && g.Cursor != "" {
		p.bad("page", "must not be combined with cursor")
	}
	return g
}

// reject responds with 400 if parameters are invalid, and reports whether it did.
func reject(c *gin.Context, p *params) bool {
	errs := p.done()
	if len(errs) > 0 {
		problem(c, http.StatusBadRequest, vocabulary.ProblemInvalidParameters, "Invalid parameters; see errors.", errs...)
	}
	return len(errs) > 0
}

func (s *Server) listAlerts(c *gin.Context) {
	p := newParams(c.Request.URL.RawQuery)
	q := models.AlertQuery{
		Filter: p.filter(), Paging: p.paging(), MinScore: p.fraction("min_score"),
		Severity: list(p, "severity", severities), State: list(p, "state", models.TriageStates()), Kind: list[string](p, "kind", nil),
	}
	if reject(c, p) {
		return
	}
	page, err := search(s, c, q, isSearchAlerts(q), s.deps.Alerts.Alerts)
	if err != nil {
		s.fail(c, "query", err)
		return
	}
	c.JSON(http.StatusOK, page)
}

func (s *Server) getAlert(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	ctx, cancel := s.queryContext(c)
	defer cancel()
	d, err := s.deps.Alerts.Alert(ctx, c.Param("id"))
	if err != nil {
		s.fail(c, "path", err)
		return
	}
	c.JSON(http.StatusOK, d)
}

func (s *Server) listConnections(c *gin.Context) {
	p := newParams(c.Request.URL.RawQuery)
	q := models.ConnectionQuery{
		Filter: p.filter(), Paging: p.paging(),
		Phases: list(p, "phase", phases), State: list(p, "state", connStates), Service: list[string](p, "service", nil),
	}
	if reject(c, p) {
		return
	}
	page, err := search(s, c, q, isSearchConnections(q), s.deps.Connections.Connections)
	if err != nil {
		s.fail(c, "query", err)
		return
	}
	c.JSON(http.StatusOK, page)
}

func (s *Server) getConnection(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	ctx, cancel := s.queryContext(c)
	defer cancel()
	conn, err := s.deps.Connections.Connection(ctx, c.Param("id"))
	if err != nil {
		s.fail(c, "path", err)
		return
	}
	c.JSON(http.StatusOK, conn)
}
