// Package engine detects anomalous traffic. An Engine is a member of a consumer group. Its
// unit is the Lane: one model and the partitions of the packets topic that the model learns
// from. Package order restores the order of capture over these partitions. A Pipeline turns
// packets into features, features into scores of half-space trees, and scores into a calibrated
// tail probability, which is the score of the packet.
//
// Alerts start from behaviors: statistics of a source, a destination, a pair or a segment, whose
// level is compared with a reference (package reference) and with what the network has shown.
// Package link has those of the link layer. Improbable packets add up to the behavior Odd of
// their source; none raises an alert by itself. A behavior that reaches the threshold starts
// an episode, which is one alert that grows, and a later episode of the same pattern
// continues it.
//
// A score of s means that in the traffic learned so far a packet this anomalous has a
// probability of about 10^(-5s): 0.8 is one packet in ten thousand. The score of an alert is
// the same of its behavior, for one subject and minute.
//
// Scores, alerts and ids depend only on the packets and their timestamps: the same records
// give the same results at any speed and with any number of partitions. The wall clock only
// determines how often score samples are published and checkpoints are saved.
//
// A Lane and a Pipeline must not be used by several goroutines at once. Engine serializes the
// calls for the partitions of a lane, which the bus makes in parallel; lanes run in parallel.
// State and offsets are saved together: alerts are flushed, then the checkpoint is written,
// and only then its offsets are reported as safe to commit.
package engine
