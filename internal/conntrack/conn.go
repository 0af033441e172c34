package conntrack

import (
	"github.com/netlyra/netlyra/internal/conntrack/service"
	"github.com/netlyra/netlyra/internal/conntrack/tuple"
	"github.com/netlyra/netlyra/memory"

	"github.com/netlyra/netlyra/internal/models"
)

// Roles of the two ends; indices of the arrays in conn.
const (
	orig = 0
	resp = 1
)

// conn is one connection: 256 bytes, four cache lines, no pointers, so that a table
// of a million costs the garbage collector nothing. A packet of an established
// connection touches the first three lines only.
type conn struct {
	key      tuple.Key
	id       models.ConnID
	last     int64 // event time of the latest packet that extends the duration, ns
	deadline int64 // nothing is due before, ns

	packets   [2]uint64 // by role
	ipBytes   [2]uint64
	bytes     [2]uint64 // payload; TCP: relative sequence number up to which all data was seen
	flags     uint32    // flag…
	seen      uint32    // history letters that have been written, of those written once
	tag       uint32    // low half of the key's hash
	dueKind   uint8
	phase     memory.State
	lastState uint8 // conn_state of the last event
	historyN  uint8 // letters in history; a longer history is in rare

	end [2]endpoint // TCP, by role; other protocols use end[orig].state for their machine
	due int64       // see dueKind, ns

	first                int64 // event time of the first packet, ns
	wheelNext, wheelPrev uint32
	weakNext, weakPrev   uint32
	control              [2]controls // by role
	history              [historyInline]byte
}

const historyInline = 16

// endpoint is one end of a TCP connection: 28 bytes. Sequence numbers are as on the wire.
type endpoint struct {
	startSeq           uint32 // of the SYN, or one before the first byte
	lastSeq            uint32 // one past the highest that this end sent
	ackSeq             uint32 // highest that the peer acknowledged
	seqWraps, ackWraps uint16 // how often they passed 2^32
	finSeq             uint32 // one past the FIN
	trimSeq            uint32 // relative: data up to here is acknowledged and no longer tracked
	state, prev        memory.State
	bits               uint8 // end…
	_                  uint8
}

// controls has the relative sequence numbers of the latest SYN, FIN and RST of an end, so
// that a retransmission is not added to the history.
type controls struct{ syn, fin, rst uint32 }

// Bits of an endpoint.
const (
	endClosed uint8 = 1 << iota // its close has been processed
	endEOF                      // all data that it sent was seen
	endFin                      // it sent a FIN
	endRst                      // it sent a RST
	endSkip                     // too much unseen data: gaps are no longer detected
	endBlocks                   // segments beyond a gap wait in rare
	endFirst                    // a packet of it was seen
	endJump                     // an unconfirmed number far from its stream is in rare
)

// Bits of a connection.
const (
	flagOrigIsB       uint32 = 1 << iota // the originator is end B of the key
	flagPartial                          // no handshake seen
	flagActive                           // not finished in Zeek's sense: session timers apply
	flagCloseDeferred                    // a close waits until all data was seen
	flagGenDeferred                      // and then counts as an orderly finish
	flagDirty                            // packets since the last event
	flagWeak                             // in the list of connections that may be evicted
	flagFlippedOrig                      // an application message of the originator swapped the roles
	flagFlippedResp                      // the same, of the responder
	flagFirstMessage                     // the first application message was examined
	flagTimersOff                        // both ends closed: session timers are canceled
	flagHandshaken                       // the long inactivity time-out applies
	flagHeard                            // payloads are no longer examined
	flagHello                            // a TLS or QUIC hello is incomplete
	flagInteractive                      // interactive service: the long time-out applies
)

// Kinds of c.due.
const (
	dueNone    = iota
	dueAttempt // end of an unanswered attempt
	dueExpire  // start of a second series of session timers
	dueReset   // removal after a RST that follows a FIN
	dueDelete  // removal after both ends closed
)

func (c *conn) has(f uint32) bool { return c.flags&f != 0 }

// role returns the role of end A, or of end B if fromB.
func (c *conn) role(fromB bool) int {
	if fromB == c.has(flagOrigIsB) {
		return orig
	}
	return resp
}

// flip swaps originator and responder. As in Zeek, payload counts and history letters are
// not rewritten.
func (c *conn) flip() {
	c.flags ^= flagOrigIsB
	c.packets[orig], c.packets[resp] = c.packets[resp], c.packets[orig]
	c.ipBytes[orig], c.ipBytes[resp] = c.ipBytes[resp], c.ipBytes[orig]
	if c.key.Proto == models.ProtoTCP {
		c.end[orig], c.end[resp] = c.end[resp], c.end[orig]
		c.control[orig], c.control[resp] = c.control[resp], c.control[orig]
		c.bytes[orig], c.bytes[resp] = c.bytes[resp], c.bytes[orig]
	}
}

// cold has the fields that only events need: 40 bytes for each conn.
type cold struct {
	reportedAt int64 // event time of the last event, ns
	parent     models.ConnID
	tunnel     models.TunnelPath
	rare       uint32 // index in Table.rares, 0 is none
	heard      uint32 // index in Table.names, 0 is none
	vlan       uint16
	inner      uint16
	command    uint16 // length of the FTP command on the current line
	service    service.State
}
