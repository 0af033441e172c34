// Package guard stands between the network and kfake, the broker of package embedded.
// kfake is made for tests: it allocates what a length field claims, dereferences nil on
// a key that it does not know, and panics on record batches whose records lie about
// their lengths. A panic in one of its goroutines ends the process, and nothing outside
// of kfake can recover it. So nothing may reach kfake that could cause one.
//
// A [Listener] wraps the broker's listener. It bounds the number of connections and the
// memory that they hold, and closes those that stay silent or do not read. Each
// connection reads whole frames, and hands kfake a frame only when
//
//   - it begins as a Kafka request: HTTP and TLS get a short answer and are closed;
//   - its length is within bounds, and all of it has arrived in time;
//   - its key and version are among those that the package lists ([Versions]);
//   - its body is, field by field, what the protocol says for that version;
//   - the record batches of a Produce hold as many whole records as they claim, in order,
//     and are not larger than [Config].MaxUncompressed without compression.
//
// Each refusal has a [Reason], is counted ([Listener.Stats]) and reported once in a while
// ([Config].Event). A batch that is refused does not close the connection: it is marked
// so that kfake answers INVALID_RECORD for its partition.
//
// A frame is checked in place: apart from its own bytes, checking allocates nothing, but
// for the content of compressed batches.
//
// Ordering: frames of a connection are passed on in their order. Back-pressure: a frame
// waits until the memory of all frames together is below [Config].Memory. Goroutines: none
// of its own; all methods may be called from any goroutine.
//
// See docs/decisions/0001-embedded-broker-guard.md.
package guard
