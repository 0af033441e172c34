// Package synth is a source of frames for benchmarks: a given number of TCP flows at a
// given rate of event time, of one size or a mix, endless or up to a count.
//
// Frames are valid (checksums, lengths, sequence numbers of both ends) and take about ten
// nanoseconds each, because a template for each size is patched in place. Timestamps advance
// by exactly 1/Rate; Next does not wait. The same Config gives the same frames. A Source
// belongs to one goroutine; Stats may be called from any. It uses eight bytes per flow.
package synth
