// Package guard checks the requests of clients before kfake, the broker of package embedded,
// reads them. kfake is made for tests: it allocates what a length field claims, panics on
// unknown keys, and panics on record batches with wrong lengths of records. A panic in one
// of its goroutines ends the process and cannot be recovered outside of kfake.
//
// A [Listener] wraps the broker's listener. It limits the number of connections and their
// memory, and closes connections that are idle, stall or do not read. Each connection reads
// whole frames, and passes a frame to kfake only if
//
//   - it starts as a Kafka request: HTTP and TLS get a short answer and are closed;
//   - its length is within the limits, and all of it has arrived in time;
//   - its key and version are listed in this package ([Versions]);
//   - the fields of its body match the protocol's definition of that version;
//   - the record batches of a Produce contain as many whole records as they claim, in order,
//     and their uncompressed size is at most [Config].MaxUncompressed.
//
// Each refusal has a [Reason] and is counted ([Listener.Stats]); the first of a series is
// reported ([Config].Event). A refused batch does not close the connection: it is marked so
// that kfake answers INVALID_RECORD for its partition.
//
// Frames are checked in place, without allocations except for the content of compressed
// batches.
//
// Ordering: frames of a connection keep their order. Back-pressure: a frame waits until the
// memory of all frames is below [Config].Memory. Goroutines: one for each Listener, until it
// is closed. All methods may be called from any goroutine.
//
// See docs/decisions/0001-embedded-broker-guard.md.
package guard
