// Package bench measures the pipeline on the machine it runs on: the production wiring
// (app.Up) with a real broker, a real database and a WebSocket client.
//
// Latency is measured from the time at which a packet was due, not at which it was sent,
// so that a stalled pipeline cannot hide its stall (coordinated omission). Each sampled
// packet is measured twice: until the engine publishes its score, and until the WebSocket
// client has received it.
//
// One run at a time; it uses all processors.
package bench
