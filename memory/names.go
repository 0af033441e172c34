package memory

// States of tcp.md.
const (
	TCPInactive State = iota
	TCPSynSent
	TCPSynAckSent
	TCPEstablished
	TCPPartial
	TCPClosed
	TCPReset
	TCPGone
)

// Events of tcp.md.
const (
	TCPOnSyn Event = iota
	TCPOnSynAck
	TCPOnReply
	TCPOnAck
	TCPOnMidstream
	TCPOnFin
	TCPOnRst
	TCPOnTimeout
	TCPOnAnswered
	TCPOnReversed
	TCPOnLateSyn
	TCPOnAbort
	TCPOnForgive
)

// States of udp.md.
const (
	FlowSilent State = iota
	FlowAsked
	FlowAnswered
	FlowGone
	FlowTalking
)

// Events of udp.md.
const (
	FlowOnRequest Event = iota
	FlowOnResponse
	FlowOnTimeout
)

// States of connection.md: the phases of a connection record.
const (
	PhaseNew State = iota
	PhaseActive
	PhaseIdle
	PhaseClosed
	PhaseExpired
)

// Events of connection.md.
const (
	ConnOnReply Event = iota
	ConnOnQuiet
	ConnOnClose
	ConnOnTimeout
	ConnOnEvict
	ConnOnFinish
	ConnOnPacket
)

// names are the names of the constants in the diagrams, indexed by their values.
var names = map[string]struct{ states, events []string }{
	"tcp": {
		states: []string{TCPInactive: "inactive", TCPSynSent: "syn_sent", TCPSynAckSent: "syn_ack_sent",
			TCPEstablished: "established", TCPPartial: "partial", TCPClosed: "closed", TCPReset: "reset", TCPGone: "gone"},
		events: []string{TCPOnSyn: "syn", TCPOnSynAck: "syn_ack", TCPOnReply: "reply", TCPOnAck: "ack",
			TCPOnMidstream: "midstream", TCPOnFin: "fin", TCPOnRst: "rst", TCPOnTimeout: "timeout",
			TCPOnAnswered: "answered", TCPOnReversed: "reversed", TCPOnLateSyn: "late_syn",
			TCPOnAbort: "abort", TCPOnForgive: "forgive"},
	},
	"udp": {
		states: []string{FlowSilent: "silent", FlowAsked: "asked", FlowAnswered: "answered", FlowGone: "gone", FlowTalking: "talking"},
		events: []string{FlowOnRequest: "request", FlowOnResponse: "response", FlowOnTimeout: "timeout"},
	},
	"connection": {
		states: []string{PhaseNew: "new", PhaseActive: "active", PhaseIdle: "idle", PhaseClosed: "closed", PhaseExpired: "expired"},
		events: []string{ConnOnReply: "reply", ConnOnQuiet: "quiet", ConnOnClose: "close", ConnOnTimeout: "timeout",
			ConnOnEvict: "evict", ConnOnFinish: "finish", ConnOnPacket: "packet"},
	},
}
