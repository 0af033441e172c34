// Package engine detects anomalous traffic. An Engine is a member of a consumer group. Its
// unit is the Lane: one model and the partitions of the packets topic that the model learns
// from. Package order restores the order of capture over these partitions. A Pipeline turns
// packets into features, features into scores of half-space trees, scores into a calibrated
// tail probability, and improbable packets into episodes, each of which is one alert that
// grows.
//
// A score of s means that in the traffic learned so far a packet this anomalous has a
// probability of about 10^(-5s): 0.8 is one packet in ten thousand.
//
// Scores, alerts and ids depend only on the packets and their timestamps: the same records
// give the same results at any speed and with any number of partitions. The wall clock only
// determines how often score samples are published and checkpoints are saved.
//
// A Lane and a Pipeline must not be used by several goroutines at once. Engine serialises the
// calls for the partitions of a lane, which the bus makes in parallel; lanes run in parallel.
// State and offsets are saved together: alerts are flushed, then the checkpoint is written,
// and only then its offsets are reported as safe to commit.
package engine
