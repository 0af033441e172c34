// Package conntrack tracks connections: the originator, the state of both ends, the traffic
// of each, and the end. It sets the connection and the direction of each packet, and calls a
// Sink for each connection that begins, changes, continues or ends. Messages of the link layer
// (models.Proto.IsLink) have none: they count as packets and by protocol, and advance time.
//
// Originator, conn_state, history and all counts have the meaning of Zeek's conn.log; tests
// compare with logs that Zeek wrote. The state machines are the diagrams of package memory.
//
// No count exceeds what sequence numbers and bytes together explain: a sequence number far
// from its stream changes nothing until a second packet confirms it (tcp_jump.go). Zeek
// trusts a single packet there, so some counts are lower here.
//
// A Table is bounded (Config.Connections): records without pointers in slabs (slab.go), found
// by a hash index (package index), timed out by a timing wheel (wheel.go), evicted as weak.go
// describes. A packet of a known connection allocates nothing. Time is event time: that of
// packets, or of Advance while a live source is idle. Packets may be out of order; time-outs
// count from the newest. A capture that is older than the previous one sets the clock back
// (clock.go).
//
// A Table belongs to one goroutine, including Stats and Traffic. Sink is called from that
// goroutine in the order of events and must not call the table. Only the Sink may block,
// which applies back-pressure to the source. The same packets give the same events with the
// same ids in the same order.
package conntrack
