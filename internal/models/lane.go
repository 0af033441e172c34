package models

import "encoding/json"

// Records of earlier versions have the lane as "partition" only. The types that hold both
// take the lane from there if "lane" is missing. No lane is negative.
const noLane = -1

// UnmarshalJSON parses a ModelRef. Lane is Partition if the JSON has no lane.
func (m *ModelRef) UnmarshalJSON(b []byte) error {
	type plain ModelRef
	m.Lane = noLane
	err := json.Unmarshal(b, (*plain)(m))
	m.Lane = laneOr(m.Lane, m.Partition)
	return err
}

// UnmarshalJSON parses a PartitionStatus. Lane is Partition if the JSON has no lane.
func (s *PartitionStatus) UnmarshalJSON(b []byte) error {
	type plain PartitionStatus
	s.Lane = noLane
	err := json.Unmarshal(b, (*plain)(s))
	s.Lane = laneOr(s.Lane, s.Partition)
	return err
}

// UnmarshalJSON parses a ScoreBatch. Lane is Partition if the JSON has no lane.
func (s *ScoreBatch) UnmarshalJSON(b []byte) error {
	type plain ScoreBatch
	s.Lane = noLane
	err := json.Unmarshal(b, (*plain)(s))
	s.Lane = laneOr(s.Lane, s.Partition)
	return err
}

func laneOr(lane, partition int32) int32 {
	if lane < 0 {
		return partition
	}
	return lane
}
