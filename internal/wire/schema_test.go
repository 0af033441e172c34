package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// schema compiles one of the published schemas and asserts formats.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("../../docs/schemas/" + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(s *jsonschema.Schema, b []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func TestPacketsFitTheirSchema(t *testing.T) {
	s := schema(t, "packet")
	rapid.Check(t, func(t *rapid.T) {
		m := genMeta().Draw(t, "packet")
		m.TS = models.Timestamp(rapid.Int64Range(math.MinInt64+1e9, math.MaxInt64-1e9).Draw(t, "ts"))
		if b := AppendPacket(nil, &m); validate(s, b) != nil {
			t.Fatalf("%s\n%v", b, validate(s, b))
		}
	})
	if b := AppendPacket(nil, &bridge); validate(s, b) != nil {
		t.Errorf("%s\n%v", b, validate(s, b))
	}
	good := string(AppendPacket(nil, &full))
	for _, c := range [][2]string{
		{`"TCP"`, `"HTTP"`}, {`"TCP"`, `"UDP"`}, {`54321`, `65536`}, {`7.82`, `8.01`}, {`192.168.1.100`, `192.168.1.300`},
		{`"GRE"`, `"foo"`}, {`ACK,PSH`, `ACK,`}, {`"dst_ip"`, `"dst"`}, {`2026-01-29T`, `2026-01-32T`},
		{`"02:00:5e:10:00:01"`, `"02:00:5e:10:00"`}, {`"msg":5`, `"msg":256`},
		{`"dns_answer"`, `"dns"`}, {`"hash":"0123`, `"hash":"0x23`}, {`"entropy":1.56`, `"entropy":9`},
	} {
		if bad := strings.Replace(good, c[0], c[1], 1); validate(s, []byte(bad)) == nil {
			t.Errorf("the schema accepts %s", bad)
		}
	}
}

func TestEventsFitTheirSchemas(t *testing.T) {
	tunnel := models.TunnelPath(0)
	tunnel, _ = tunnel.Push(models.TunnelGRE)
	conn := models.Connection{ID: models.ConnID(7).String(), TS: usual.TS, LastTS: usual.TS + 1, SrcIP: "10.0.0.1", DstIP: "2001:db8::1", DstPort: 443, Proto: "TCP",
		State: "SF", Phase: "closed", History: "ShADadFf", Service: "ssl", Duration: 1.5, Tunnel: tunnel.String(), Parent: models.ConnID(8).String(), VLAN: 7, Community: "1:x", SNI: "a", JA4: "b"}
	fresh := models.Connection{ID: models.ConnID(1).String(), SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "IP-47", Phase: "new"}
	alert := models.Alert{ID: "a", TS: usual.TS, LastTS: usual.TS, SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP", Score: 0.9, Threshold: 0.8, Severity: models.SeverityHigh,
		Count: 3, Kind: "port_scan", Technique: "T1046", Scale: "host", Summary: "x", Conn: models.ConnID(1).String(),
		Features: map[string]float64{"entropy": 1, "packet_rate": 2, "byte_rate": 3}, Reasons: []models.Reason{{Feature: "entropy", Value: 1, Typical: [2]float64{0, 1}, Share: 1}}, Model: models.ModelRef{Version: "v1", Partition: -1, Offset: 9},
		Evidence:   &models.Evidence{Feature: "probed_ports", Value: 12, Limit: 9, Level: 6, Series: []models.EvidencePoint{{TS: usual.TS, Value: 12}}},
		Recurrence: &models.Recurrence{Count: 4, First: usual.TS, Every: 1200, Regular: true}}
	first := alert
	first.Evidence, first.Recurrence = nil, nil
	stats := models.InstanceStats{Instance: "host:1", Role: "up", Started: 1, Recorded: []models.Progress{{Topic: "t", Done: 2, End: -1}}, Stages: []models.StageCounts{{Stage: "decode", In: 2, Out: 1, Bytes: 3, Dropped: map[string]uint64{"short": 1}}},
		Partitions: []models.PartitionStatus{{Partition: 1, Warm: true}}, Health: map[string]string{"kafka": "ok"}, Conditions: []vocabulary.Condition{{Stage: "kafka", Code: "x", Severity: vocabulary.SeverityInfo, Params: map[string]any{"n": 1}, Text: "x"}},
		Traffic: &models.Traffic{Talkers: []models.Talker{{IP: "10.0.0.1", Packets: 1, Bytes: 2}}, Protocols: map[string]uint64{"TCP": 2}}, Final: true, Descriptors: &models.Descriptors{Open: 40, Limit: 1024}}
	for _, c := range []struct {
		name  string
		value any
	}{
		{"connection", &conn}, {"connection", &fresh}, {"alert", &alert}, {"alert", &first},
		{"stats", &stats}, {"stats", &models.InstanceStats{Instance: "i", Role: "probe"}},
		{"scores", &models.ScoreBatch{Partition: 1, Count: 2, Max: 1, Samples: []models.ScoreSample{{TS: usual.TS, Score: 0.5}}}}, {"scores", &models.ScoreBatch{}},
	} {
		b, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(schema(t, c.name), b); err != nil {
			t.Errorf("%s: %s\n%v", c.name, b, err)
		}
		known := schema(t, c.name).Properties
		var fields map[string]any
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		for f := range fields {
			if known[f] == nil {
				t.Errorf("%s: field %s is not in the schema", c.name, f)
			}
		}
	}
	for _, c := range [][2]string{{`"limit"`, `"limits"`}, {`"every_seconds":1200`, `"every_seconds":"20m"`}, {`"series":[{`, `"series":[1,{`}} {
		b, _ := json.Marshal(&alert)
		if bad := strings.Replace(string(b), c[0], c[1], 1); validate(schema(t, "alert"), []byte(bad)) == nil {
			t.Errorf("the schema accepts %s", bad)
		}
	}
	bad := alert
	bad.Features = map[string]float64{"entropy": 1}
	if b, _ := json.Marshal(&bad); validate(schema(t, "alert"), b) == nil {
		t.Error("the schema accepts an alert without packet_rate")
	}
}
