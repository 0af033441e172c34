// Package cluster watches topics while NetLyra runs: whether a topic exists, its id, its
// number of partitions, its largest batch and its retention. All of these can change:
// partitions are added, topics are recreated, limits are altered.
//
// A Watcher polls the brokers and notifies subscribers of changes. Values that the brokers
// do not report (for example without the right to describe the configuration) are zero;
// while the brokers are unreachable the last values remain.
//
// Topic and Subscribe may be called from any goroutine. Subscribers are called one at a
// time, on the goroutine of Run or of the caller of Poll, and must not block.
package cluster
