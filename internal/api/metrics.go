package api

import (
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the requests; it works without a registerer too.
type metrics struct{ seconds *prometheus.HistogramVec }

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "netlyra_http_request_seconds", Help: "Time from a request to its answer, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})}
	if reg != nil {
		reg.MustRegister(m.seconds)
	}
	return m
}

// observe measures each request under its route's pattern, of which there are few;
// paths and methods are the client's to choose.
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
