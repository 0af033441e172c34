// Package engine tells which traffic is unlike the rest. It is a worker in a
// consumer group. Its unit is a Lane: one model and the partitions of the packets topic
// that it learns from, whose packets package order puts back into the order of their
// capture. A Pipeline turns packets into features, features into the scores of
// half-space trees, scores into a calibrated tail probability, and what is improbable
// into episodes, each one alert that grows.
//
// A score of s says that on the traffic learned so far a packet as odd as this one
// has a probability of about 10^(-5s): 0.8 is one in ten thousand.
//
// Everything depends on the packets and their timestamps alone: the same records
// give the same scores, alerts and ids at any speed, in any number of partitions. The
// wall clock decides only how often samples of scores are published for live views,
// and when the state is saved.
//
// A Lane and a Pipeline belong to one goroutine. Engine serialises the calls of a lane's
// partitions, which the bus makes in parallel; lanes run in parallel. State and offsets
// are saved together: alerts are flushed, then the checkpoint is written, and only its
// offsets are given back as safe to commit.
package engine
