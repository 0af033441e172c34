package conntrack

import (
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// Values of conn_state, as in Zeek's conn.log.
const (
	stateOTH    = iota // midstream traffic, or a protocol without states
	stateS0            // attempt seen, no reply
	stateS1            // established, not terminated
	stateSF            // established and terminated
	stateREJ           // attempt rejected
	stateS2            // established, close attempt by the originator only
	stateS3            // the same by the responder
	stateRSTO          // established, the originator aborted
	stateRSTR          // the responder aborted
	stateRSTOS0        // SYN, then RST of the originator; no SYN-ACK
	stateRSTRH         // SYN-ACK, then RST of the responder; no SYN
	stateSH            // SYN, then FIN of the originator; no SYN-ACK
	stateSHR           // SYN-ACK, then FIN of the responder; no SYN
)

var stateNames = [...]string{"OTH", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR"}

// connState derives conn_state from the states of both ends.
func (t *Table) connState(ref uint32, c *conn) uint8 {
	switch c.key.Proto {
	case models.ProtoTCP:
		return t.tcpState(ref, c)
	case models.ProtoUDP:
		switch c.end[orig].state {
		case memory.FlowAsked:
			return stateS0
		case memory.FlowAnswered:
			return stateSHR
		case memory.FlowTalking:
			return stateSF
		}
	}
	return stateOTH
}

func (t *Table) tcpState(ref uint32, c *conn) uint8 {
	o, r := c.end[orig].state, c.end[resp].state
	oUnknown := o == memory.TCPInactive || o == memory.TCPPartial
	rUnknown := r == memory.TCPInactive || r == memory.TCPPartial
	switch {
	case r == memory.TCPReset:
		switch {
		case o == memory.TCPSynSent || o == memory.TCPSynAckSent,
			o == memory.TCPReset && c.size(orig) == 0 && c.size(resp) == 0:
			return stateREJ
		case oUnknown:
			return stateRSTRH
		}
		return stateRSTR
	case o == memory.TCPReset && !rUnknown:
		return stateRSTO
	case o == memory.TCPReset:
		if t.abortedAttempt(ref, c) {
			return stateRSTOS0
		}
		return stateOTH
	case o == memory.TCPClosed && r == memory.TCPClosed:
		return stateSF
	case o == memory.TCPClosed && rUnknown:
		return stateSH
	case o == memory.TCPClosed:
		return stateS2
	case r == memory.TCPClosed && oUnknown:
		return stateSHR
	case r == memory.TCPClosed:
		return stateS3
	case o == memory.TCPSynSent && r == memory.TCPInactive:
		return stateS0
	case o == memory.TCPEstablished && r == memory.TCPEstablished:
		return stateS1
	}
	return stateOTH
}

// abortedAttempt reports whether the history has a SYN and a RST of the originator with only
// data and retransmissions between them.
func (t *Table) abortedAttempt(ref uint32, c *conn) bool {
	h := t.historyOf(ref, c)
	if h != "" && h[0] == '^' {
		h = h[1:]
	}
	if h == "" || h[0] != 'S' {
		return false
	}
	for i := 1; i < len(h); i++ {
		switch h[i] {
		case 'R':
			return true
		case 'H', 'A', 'F', 'G', 'I', 'Q':
			return false
		}
	}
	return false
}
