package client

import (
	"strings"
	"testing"
	"time"
)

func TestConfigReportsAllErrors(t *testing.T) {
	cfg := Config{Brokers: []string{"nohost"}, Encoding: "xml", Compression: "rar", Linger: time.Hour, TLS: TLS{CAFile: "x"}, SASL: SASL{User: "u"}}
	cfg.Topics.Alerts, cfg.Topics.Stats = "same", "same"
	err := cfg.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"nohost", "no name", `"same"`, "PACKETS_PARTITIONS", "replication", "retention", "xml", "packed record", "rar", "linger", "buffer", "TLS is off", "mechanism"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	cfg = DefaultConfig()
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
