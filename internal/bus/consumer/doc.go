// Package consumer reads topics: as a member of a consumer group (Group), without a group
// (Tail), or packets of the past (ReplayPackets). All of them read committed: records of
// aborted transactions are skipped, and nothing behind an open transaction is returned.
//
// A Group calls its Handler with the records of each partition in offset order, one call at
// a time; partitions run in parallel, each on its own goroutine. It stops fetching a
// partition whose handler is slow. It commits only what the Handler reports as safe. A
// balancer assigns whole lanes: the partitions p with the same p mod lanes share a model
// and stay with one member.
//
// Retention that removes unread records, logs that were truncated and topics that were
// recreated are counted and logged, and the group continues.
package consumer
