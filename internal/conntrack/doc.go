// Package conntrack follows the connections that packets belong to: who began one,
// what state its ends are in, how much each sent, when it is over. It tells each
// packet which connection it is of and which end sent it, and a Sink of each
// connection that begins, changes, goes on and ends.
//
// The meaning of originator, conn_state, history and of every count is that of
// Zeek's conn.log, of which the tests hold recordings; the machines that it runs are
// the diagrams of package memory.
//
// No count exceeds what sequence numbers and bytes together explain: a number far from a
// stream moves nothing until a second packet bears it out (tcp_jump.go). Where Zeek
// believes one packet, a count here is lower.
//
// A Table owns its connections and nothing else. It is bounded (Config.Connections):
// records without pointers in slabs, found by an open-addressing index, timed out by
// a wheel, evicted by a stated rule (evict.go). A packet of a known connection
// allocates nothing. Time is event time: that of packets, or of Advance where a live
// source is silent; packets may be out of order, time-outs then count from the newest.
// A capture that is older than the one before it puts the clock back (clock.go).
//
// A Table belongs to one goroutine, Stats and Traffic included; Sink is called from
// that goroutine in the order of events and must not call the table. Nothing blocks
// but the Sink, which is how back-pressure passes through. The same packets give the
// same events with the same ids, in the same order, in every run.
package conntrack
