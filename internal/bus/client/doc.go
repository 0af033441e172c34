// Package client is a connection to a Kafka cluster: security, topics, offsets, health,
// and publishing of everything except packets.
//
// A Client owns one administrative client and two writers: immediate (alerts, dead letters,
// checkpoints, scores) without linger, and bulk (connections, stats) with linger. Other
// packages below bus create further franz-go clients with NewKgo and NewWriter, so that
// all of them share security, retries, metrics and health.
//
// Publishing waits while a buffer is full, except for samples (stats, scores), which are
// dropped and counted. Alerts with the same id, and connections with the same id, keep their
// order. Records that a broker refuses are counted; Flush and FlushAlerts return an error.
//
// All methods may be called from any goroutine.
package client
