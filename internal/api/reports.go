package api

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/models"
)

//go:embed openapi.yaml
var spec []byte

// Spec is the OpenAPI description of all routes.
func Spec() []byte { return spec }

// Health is the answer of GET /health.
type Health struct {
	Status     string            `json:"status"`     // ok or degraded
	Components map[string]string `json:"components"` // "ok", or what is wrong
}

func (s *Server) getHealth(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	var h Health
	h.Status, h.Components = s.deps.Health.Snapshot()
	status := http.StatusOK
	if !s.deps.Health.Ready() {
		status, h.Status = http.StatusServiceUnavailable, "degraded"
	}
	c.JSON(status, h)
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
	WSPort    int     `json:"ws_port"`   // of /ws on the host that the page came from
	Threshold float64 `json:"threshold"` // score that makes an alert, 0…1
}

func (s *Server) getConfig(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, PageConfig{s.cfg.Version, s.cfg.WSPort, s.cfg.Threshold})
}

func (s *Server) getSpec(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.Data(http.StatusOK, specType, spec)
}

const specType = "application/yaml"
