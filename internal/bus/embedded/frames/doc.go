// Package frames generates bytes that a hostile or broken client could send to a broker: noise,
// other protocols, frames with wrong lengths, requests of every key and version with random
// contents, such requests with changed bytes, and invalid record batches. It is for tests of
// the embedded broker; the same seed gives the same bytes.
//
// A [Source] must not be used by several goroutines at a time.
package frames
