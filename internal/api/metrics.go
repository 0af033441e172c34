package api

import (
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics measures requests; reg may be nil.
type metrics struct{ seconds *prometheus.HistogramVec }

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "netlyra_http_request_seconds", Help: "Time from request to response, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})}
	if reg != nil {
		reg.MustRegister(m.seconds)
	}
	return m
}

// observe measures each request by the pattern of its route. Paths and methods chosen by
// clients are not used as labels, because their number is unlimited.
func (s *Server) observe(c *gin.Context) {
	begin := time.Now()
	c.Next()
	route, method := c.FullPath(), c.Request.Method
	if route == "" {
		route, method = "other", "other"
	}
	s.met.seconds.WithLabelValues(method, route, strconv.Itoa(c.Writer.Status())).Observe(time.Since(begin).Seconds())
}

func stack() string { return string(debug.Stack()) }
