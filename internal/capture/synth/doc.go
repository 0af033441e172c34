// Package synth is a source of frames for benchmarks: a given number of TCP flows at a
// given rate of event time, of one size or of a mix, without end or up to a count.
//
// Its frames are valid (checksums, lengths, sequence numbers of both ends) and cost
// some ten nanoseconds each: a template for each size is patched in place. Timestamps
// advance by exactly 1/Rate; nothing waits. The same Config gives the same frames. A
// Source belongs to one goroutine; Stats may be called from any. It holds eight bytes
// a flow.
package synth
