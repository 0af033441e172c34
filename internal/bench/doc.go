// Package bench measures the pipeline on the machine it runs on: the real one, as
// app.Up wires it, with a real broker, a real database and a WebSocket client.
//
// Latency is counted from the moment at which a packet was due, not at which it was
// sent, so that a stalled pipeline cannot hide its stall (coordinated omission).
// Each sampled packet counts until the engine's batch with its score is published,
// and until the client has that batch.
package bench
