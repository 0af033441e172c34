// Package frames makes bytes that a hostile or broken client could send to a broker: noise,
// other protocols, frames with lengths that lie, requests of every key and version with
// random contents, such requests with bytes changed, and record batches that are not what
// they claim. It is for tests of the embedded broker; the same seed gives the same bytes.
//
// A [Source] is for one goroutine.
package frames
