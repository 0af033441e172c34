package bench

import (
	"fmt"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Result is the measurement of one run.
type Result struct {
	Encoding     string               `json:"encoding"`
	Traffic      string               `json:"traffic"`
	Rate         float64              `json:"rate"` // requested, packets/s; 0: as fast as possible
	Took         time.Duration        `json:"took_ns"`
	Packets      uint64               `json:"packets"`
	Scored       uint64               `json:"scored"`
	Bytes        uint64               `json:"bytes"`
	PerSecond    float64              `json:"packets_per_second"` // from the first frame until the last was scored
	BitsSecond   float64              `json:"bits_per_second"`
	CPUPerPacket float64              `json:"cpu_ns_per_packet"`
	ToEngine     Quantiles            `json:"to_engine"`
	ToClient     Quantiles            `json:"to_websocket"`
	Dropped      uint64               `json:"dropped"`
	PeakRSS      uint64               `json:"peak_rss_bytes"`
	OtherCPU     float64              `json:"other_cpu_share"` // share of the machine that other processes used
	Stages       []models.StageCounts `json:"stages"`
}

// String returns the result as a table.
func (r *Result) String() string {
	var b strings.Builder
	rate := "as fast as possible"
	if r.Rate > 0 {
		rate = fmt.Sprintf("%.0f packets/s requested", r.Rate)
	}
	fmt.Fprintf(&b, "pipeline         %s, %s, %s\n", r.Encoding, r.Traffic, rate)
	fmt.Fprintf(&b, "packets          %d in %s, %d scored, %d dropped\n", r.Packets, r.Took.Round(time.Millisecond), r.Scored, r.Dropped)
	fmt.Fprintf(&b, "rate             %.0f packets/s, %.3f Gbit/s\n", r.PerSecond, r.BitsSecond/1e9)
	fmt.Fprintf(&b, "CPU              %.0f ns per packet; other processes used %.0f %% of the machine\n", r.CPUPerPacket, 100*r.OtherCPU)
	fmt.Fprintf(&b, "memory           %.0f MB peak\n", float64(r.PeakRSS)/1e6)
	fmt.Fprintf(&b, "                     p50      p90      p99    p99.9      max ms\n")
	for _, q := range []struct {
		name string
		q    Quantiles
	}{{"to engine", r.ToEngine}, {"to WebSocket", r.ToClient}} {
		fmt.Fprintf(&b, "%-15s %8.2f %8.2f %8.2f %8.2f %8.2f\n", q.name, q.q.P50, q.q.P90, q.q.P99, q.q.P999, q.q.Max)
	}
	return b.String()
}
