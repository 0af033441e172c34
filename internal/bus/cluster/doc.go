// Package cluster watches what the brokers say of topics while NetLyra runs: whether a
// topic exists, its id, how many partitions it has, the largest batch that it takes and
// what it keeps. None of that is a constant: partitions are added, topics are deleted and
// made anew, limits and retention are changed.
//
// A Watcher asks once in a while and tells its subscribers what has changed. What the
// brokers do not tell (no right to describe the configuration, say) is zero, and what
// they said last stands while they cannot be reached.
//
// Topic and Subscribe may be called from any goroutine. Subscribers are called one after
// the other on the goroutine of Run or of the caller of Poll, and must not block.
package cluster
