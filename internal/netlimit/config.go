package netlimit

import (
	"net"
	"time"
)

// Reason says why a connection was refused. The values are identifiers: they are metric
// labels and do not change.
type Reason string

// Reasons to refuse a connection.
const (
	RefusedTotal       Reason = "total"       // Config.Total connections are open
	RefusedPeer        Reason = "peer"        // Config.PerPeer connections of that address are open
	RefusedDescriptors Reason = "descriptors" // only Config.Reserve descriptors are left
)

// Reasons lists all of them, for metrics that exist before the first event.
func Reasons() []Reason { return []Reason{RefusedTotal, RefusedPeer, RefusedDescriptors} }

// Config of a Listener. The zero value accepts everything that the descriptors allow.
type Config struct {
	Total   int // open connections in all, 0 = no limit but the descriptors
	PerPeer int // open connections of one remote IP address, 0 = no limit of its own

	// Reserve is the number of the process's descriptors that no connection may take,
	// 0 = DefaultReserve, negative = none.
	Reserve int

	// Refuse answers a connection that is about to be closed, such as with HTTP's 503.
	// A write deadline is set. It runs on the accepting goroutine, so it must write
	// little. Nil: the connection is closed without an answer.
	Refuse func(net.Conn, Reason)

	// Event reports that refusals or Accept errors of one kind began. Nil: nobody is told.
	// It runs on the accepting goroutine and must not block.
	Event func(Event)
}

// Event is the beginning of a shortage: the first refusal for a reason, or the first of
// consecutive errors of Accept, after at least eventQuiet without one of its kind.
type Event struct {
	Reason Reason // "" for an error of Accept
	Peer   string // remote IP address, "" for an error of Accept
	Err    error  // the error of Accept, else nil
}

const (
	refuseTimeout = 100 * time.Millisecond
	minPause      = 5 * time.Millisecond
	maxPause      = time.Second
	eventQuiet    = 10 * time.Second
)

// DefaultReserve is an eighth of the process's descriptors, at least 8 and at most 64.
func DefaultReserve() int {
	limit, ok := DescriptorLimit()
	if !ok {
		return 0
	}
	return int(min(max(limit/8, 8), 64))
}
