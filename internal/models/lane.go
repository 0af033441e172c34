package models

import "encoding/json"

// Records of earlier versions have the lane as "partition" only. The types that hold both
// take the lane from there if "lane" is missing.

// UnmarshalJSON parses a ModelRef. Lane is Partition if the JSON has no lane.
func (m *ModelRef) UnmarshalJSON(b []byte) error {
	type plain ModelRef
	v := struct {
		*plain
		Lane *int32 `json:"lane"`
	}{plain: (*plain)(m)}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	m.Lane = laneOr(v.Lane, m.Partition)
	return nil
}

// UnmarshalJSON parses a PartitionStatus. Lane is Partition if the JSON has no lane.
func (s *PartitionStatus) UnmarshalJSON(b []byte) error {
	type plain PartitionStatus
	v := struct {
		*plain
		Lane *int32 `json:"lane"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	s.Lane = laneOr(v.Lane, s.Partition)
	return nil
}

// UnmarshalJSON parses a ScoreBatch. Lane is Partition if the JSON has no lane.
func (s *ScoreBatch) UnmarshalJSON(b []byte) error {
	type plain ScoreBatch
	v := struct {
		*plain
		Lane *int32 `json:"lane"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	s.Lane = laneOr(v.Lane, s.Partition)
	return nil
}

func laneOr(lane *int32, partition int32) int32 {
	if lane == nil {
		return partition
	}
	return *lane
}
