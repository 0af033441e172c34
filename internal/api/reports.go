package api

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

//go:embed openapi.yaml
var spec []byte

// Spec is the OpenAPI description of all routes.
func Spec() []byte { return spec }

// Health is the answer of GET /health.
type Health struct {
	Status     string                 `json:"status"`     // ok or degraded
	Components map[string]string      `json:"components"` // "ok", or the texts of the component's conditions
	Conditions []vocabulary.Condition `json:"conditions"` // of all components, never null
}

func (s *Server) getHealth(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	h := s.deps.Health.Snapshot()
	status := http.StatusOK
	if !h.Ready {
		status = http.StatusServiceUnavailable
	}
	c.JSON(status, Health{h.Status, h.Components, h.Conditions})
}

func (s *Server) getStats(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, whole(s.deps.Stats.Stats()))
}

// whole makes absent lists empty ones, which spares every client a case.
func whole(s models.Stats) models.Stats {
	if s.Stages == nil {
		s.Stages = []models.StageCounts{}
	}
	if s.Partitions == nil {
		s.Partitions = []models.PartitionStatus{}
	}
	if s.Instances == nil {
		s.Instances = []models.InstanceState{}
	}
	if s.Conditions == nil {
		s.Conditions = []vocabulary.Condition{}
	}
	if s.Traffic.Talkers == nil {
		s.Traffic.Talkers = []models.Talker{}
	}
	if s.Traffic.Protocols == nil {
		s.Traffic.Protocols = map[string]uint64{}
	}
	return s
}

func (s *Server) getMachines(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, gin.H{"items": s.deps.Machines})
}

// PageConfig is what the dashboard must know before it can begin.
type PageConfig struct {
	Version   string  `json:"version"`
	WSPort    int     `json:"ws_port"`          // of /ws on the host that the page came from
	WSPath    string  `json:"ws_path"`          // of the WebSocket on the page's own origin, relative to the page's base; "" where it is not there
	WSURL     string  `json:"ws_url,omitempty"` // of the WebSocket where it is at neither place
	BasePath  string  `json:"base_path"`        // of the page, "/" at its end; "" where a proxy may have cut it off
	Threshold float64 `json:"threshold"`        // score that makes an alert, 0…1
}

func (s *Server) getConfig(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	p := PageConfig{Version: s.cfg.Version, WSPort: s.cfg.WSPort, WSURL: s.cfg.PublicWSURL, Threshold: s.cfg.Threshold}
	if s.deps.Live != nil {
		p.WSPath = strings.TrimPrefix(socketPath, "/")
	}
	if base := httpserver.RequestOf(c.Request.Context()).Base; base != "" {
		p.BasePath = base + "/"
	}
	c.JSON(http.StatusOK, p)
}

func (s *Server) getSpec(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.Data(http.StatusOK, specType, spec)
}

const specType = "application/yaml"
