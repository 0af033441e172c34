package models

import (
	"encoding/json"
	"testing"
)

// Records of earlier versions have no "lane"; their "partition" is the lane.
func TestLaneOfEarlierRecords(t *testing.T) {
	for _, tt := range []struct {
		json            string
		lane, partition int32
	}{
		{`{"partition":3}`, 3, 3},
		{`{"partition":0}`, 0, 0},
		{`{"lane":2,"partition":2}`, 2, 2},
		{`{"partition":5,"lane":0}`, 0, 5}, // a lane of 0 is a lane
		{`{"lane":4}`, 4, 0},
		{`{"lane":null,"partition":7}`, 7, 7},
	} {
		// The values left by an earlier record must not remain.
		batch, ref, status := ScoreBatch{Lane: 9}, ModelRef{Lane: 9}, PartitionStatus{Lane: 9}
		for name, v := range map[string]struct {
			into            any
			lane, partition *int32
		}{
			"ScoreBatch":      {&batch, &batch.Lane, &batch.Partition},
			"ModelRef":        {&ref, &ref.Lane, &ref.Partition},
			"PartitionStatus": {&status, &status.Lane, &status.Partition},
		} {
			if err := json.Unmarshal([]byte(tt.json), v.into); err != nil {
				t.Fatalf("%s %s: %v", name, tt.json, err)
			}
			if *v.lane != tt.lane || *v.partition != tt.partition {
				t.Errorf("%s %s: lane %d, partition %d, want %d, %d", name, tt.json, *v.lane, *v.partition, tt.lane, tt.partition)
			}
		}
	}
}

// The custom parsers keep the other fields and report the errors of encoding/json.
func TestLaneParsersKeepOtherFields(t *testing.T) {
	var b ScoreBatch
	if err := json.Unmarshal([]byte(`{"partition":1,"count":2,"max":0.5,"threshold":0.8,"samples":[{"ts":"2026-11-29T00:00:00Z","score":0.25}]}`), &b); err != nil {
		t.Fatal(err)
	}
	if b.Count != 2 || b.Max != 0.5 || b.Threshold != 0.8 || len(b.Samples) != 1 || b.Samples[0].Score != 0.25 || b.Samples[0].TS == 0 {
		t.Errorf("%+v", b)
	}
	var s InstanceStats
	if err := json.Unmarshal([]byte(`{"partitions":[{"partition":1,"lag":7,"warm":true},{"partition":2}]}`), &s); err != nil {
		t.Fatal(err)
	}
	if p := s.Partitions; len(p) != 2 || p[0].Lane != 1 || p[0].Lag != 7 || !p[0].Warm || p[1].Lane != 2 || p[1].Warm {
		t.Errorf("%+v", s.Partitions)
	}
	var a Alert
	if err := json.Unmarshal([]byte(`{"id":"a","model":{"version":"v1","partition":3,"offset":9}}`), &a); err != nil || a.Model != (ModelRef{Version: "v1", Lane: 3, Partition: 3, Offset: 9}) {
		t.Errorf("%+v, %v", a.Model, err)
	}
	for _, bad := range []string{`{"lane":"1"}`, `{"lane":1.5}`, `{"partition":2147483648}`, `[]`, `{`} {
		for _, into := range []any{&ScoreBatch{}, &ModelRef{}, &PartitionStatus{}} {
			if err := json.Unmarshal([]byte(bad), into); err == nil {
				t.Errorf("%T: %s is accepted", into, bad)
			}
		}
	}
}
