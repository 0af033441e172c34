// Package storetest generates alerts and connections for tests of the store and of its
// users. It is only imported by tests; it may be used from any goroutine.
package storetest

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/models"
)

var (
	severities = []models.Severity{models.SeverityLow, models.SeverityMedium, models.SeverityHigh, models.SeverityCritical}
	phases     = []string{"new", "active", "idle", "closed", "expired"}
)

// Alert returns an alert with several features and reasons; i determines its id and
// values.
func Alert(i int) models.Alert {
	f := map[string]float64{"entropy": 7.82, "packet_rate": 1500, "byte_rate": 2100000, "fan_out": float64(i % 999), "syn_ratio": .5, "iat": .001}
	ts := models.Timestamp(1_770_000_000_000_000_000 + int64(i)*1_000_000)
	return models.Alert{
		ID: fmt.Sprintf("%016x", uint64(i)*0x9E3779B97F4A7C15), TS: ts, LastTS: ts + 5, SrcIP: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255),
		DstIP: "192.168.1.10", SrcPort: uint16(i), DstPort: 443, Proto: "TCP", Score: .8 + float64(i%20)/100, Threshold: .8,
		Severity: severities[i%4], Count: uint64(i%7 + 1), Kind: "port_scan", Technique: "T1046", Scale: "host",
		Summary: "10.0.0.7 sent 412 SYNs to 380 ports of 10.0.0.9 in 2.1 s; it usually talks to 3", Conn: "C0123456789a", Features: f,
		Reasons: []models.Reason{{Feature: "fan_out", Value: 380, Typical: [2]float64{1, 14}, Share: .7}, {Feature: "syn_ratio", Value: 1, Typical: [2]float64{.1, .4}, Share: .3}},
		Model:   models.ModelRef{Version: "1", Partition: 3, Offset: int64(i)},
	}
}

// Connection returns a connection; i determines its id and values, and its phase in turn.
func Connection(i int) models.Connection {
	ts := models.Timestamp(1_770_000_000_000_000_000 + int64(i)*1_000_000)
	id := models.ConnID(uint64(i+1) * 0x9E3779B97F4A7C15)
	return models.Connection{
		ID: id.String(), TS: ts, LastTS: ts + 1e9, SrcIP: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255), SrcPort: uint16(i),
		DstIP: "192.168.1.10", DstPort: 443, Proto: "TCP", State: "SF", Phase: phases[i%5], History: "ShADadFf", Service: "ssl",
		OrigPackets: 12, OrigBytes: 1400, OrigIPBytes: 2000, RespPackets: 10, RespBytes: 9000, RespIPBytes: 9500, Duration: 1, Community: "1:SGVsbG8gd29ybGQgaGVsbG8gd28=",
	}
}
