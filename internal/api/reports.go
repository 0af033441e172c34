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

// Spec returns the OpenAPI description of all routes.
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

// whole replaces nil lists and maps by empty ones, so that none is null in JSON.
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

func (s *Server) getFeatures(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, gin.H{"items": s.deps.Features})
}

func (s *Server) getMachines(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, gin.H{"items": s.deps.Machines})
}

// PageConfig is the configuration that the dashboard needs at start.
type PageConfig struct {
	Version   string  `json:"version"`
	WSPort    int     `json:"ws_port"`          // port of /ws on the host of the dashboard
	WSPath    string  `json:"ws_path"`          // path of the WebSocket on this port, relative to base_path; "": not available
	WSURL     string  `json:"ws_url,omitempty"` // PUBLIC_WS_URL, if set
	BasePath  string  `json:"base_path"`        // path of the dashboard with a trailing slash; "" if unknown
	Threshold float64 `json:"threshold"`        // score from which a packet is part of an alert, 0…1
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
