package netlimit

import (
	"net"
	"time"
)

// Reason is the reason for which a connection was refused. The values are metric labels
// and do not change.
type Reason string

// Reasons to refuse a connection.
const (
	RefusedTotal       Reason = "total"       // Config.Total connections are open
	RefusedPeer        Reason = "peer"        // Config.PerPeer connections of that address are open
	RefusedDescriptors Reason = "descriptors" // at most Config.Reserve descriptors are free
)

// Reasons returns all reasons, so that metrics can exist before the first refusal.
func Reasons() []Reason { return []Reason{RefusedTotal, RefusedPeer, RefusedDescriptors} }

// Config configures a Listener. The zero value is limited by descriptors only.
type Config struct {
	Total   int // open connections; 0: unlimited
	PerPeer int // open connections of one remote IP address; 0: unlimited

	// Reserve is the number of descriptors that connections may not use; 0:
	// DefaultReserve, negative: none.
	Reserve int

	// Displace is called for a connection that uses one of the last descriptors. It may close
	// another connection that is worth less; if it reports true, the new one is admitted. It
	// runs on the accepting goroutine and must not block. Nil: the new one is refused.
	Displace func() bool

	// Refuse writes a response, such as HTTP's 503, to a connection before it is closed.
	// It runs on the accepting goroutine with a write deadline, so it should write
	// little. Nil: the connection is closed without a response.
	Refuse func(net.Conn, Reason)

	// Event is called when refusals or Accept errors of one kind start. It runs on the
	// accepting goroutine and must not block. Nil: not called.
	Event func(Event)
}

// Event is the first refusal for a reason, or the first error of Accept, after at least
// eventQuiet without another of its kind.
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

// DefaultReserve returns an eighth of the descriptor limit, at least 8 and at most 64, or
// 0 if there is no limit.
func DefaultReserve() int {
	limit, ok := DescriptorLimit()
	if !ok {
		return 0
	}
	return int(min(max(limit/8, 8), 64))
}
