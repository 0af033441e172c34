package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFieldFilter(t *testing.T) {
	const record = `{"src_ip":"10.0.0.7","dst_ip":"192.168.1.1","src_port":40000,"dst_port":443,"proto":"TCP","score":0.9}`
	var r map[string]any
	if err := json.Unmarshal([]byte(record), &r); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]bool{
		"":                            true,
		"ip=10.0.0.7":                 true,
		"ip=192.168.1.1":              true,
		"ip=10.0.0.8":                 false,
		"ip=10.0.0.0/8":               true,
		"ip!=10.0.0.0/8":              false,
		"ip!=172.16.0.0/12":           true,
		"port=443":                    true,
		"port=40000,proto=tcp":        true,
		"port=443,proto=udp":          false,
		"score>=0.9":                  true,
		"score>0.9":                   false,
		"score<1, dst_port<=443":      true,
		"absent=1":                    false,
		"absent!=1":                   true,
		"proto>=3":                    false,
		"src_ip=10.0.0.7,dst_port=44": false,
	} {
		f, err := parseFieldFilter(filter)
		if err != nil {
			t.Errorf("%q: %v", filter, err)
			continue
		}
		if got := f.match(r); got != want {
			t.Errorf("%q: got %v, want %v", filter, got, want)
		}
	}
}

func TestFieldFilterRejectsInvalidTests(t *testing.T) {
	for filter, want := range map[string]string{
		"10.0.0.7":   "FIELD=VALUE",
		"=x":         "FIELD=VALUE",
		"score>high": "compares numbers",
		"a!b":        "must have one of",
	} {
		if _, err := parseFieldFilter(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", filter, err, want)
		}
	}
}
