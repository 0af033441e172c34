// Package engine tells which traffic is unlike the rest. It is a worker in a
// consumer group: for each partition of the packets topic one Pipeline turns packets
// into features, features into the scores of half-space trees, scores into a
// calibrated tail probability, and what is improbable into episodes, each one alert
// that grows.
//
// A score of s says that on the traffic learned so far a packet as odd as this one
// has a probability of about 10^(-5s): 0.8 is one in ten thousand.
//
// Everything depends on the packets and their timestamps alone: the same records
// give the same scores, alerts and ids at any speed. The wall clock decides only how
// often samples of scores are published for live views.
//
// A Pipeline belongs to one goroutine. Engine calls each partition's pipeline from
// the goroutine in which the bus delivers that partition, partitions in parallel.
// State and offset are saved together: alerts are flushed, then the checkpoint is
// written, and only its offset is given back as safe to commit.
package engine
