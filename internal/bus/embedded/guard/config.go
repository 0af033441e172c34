package guard

import (
	"net"
	"time"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Reason says why a connection was closed or a batch was refused. The values are
// identifiers: they are metric labels and do not change.
type Reason string

// Reasons.
const (
	HTTP               Reason = "http"                // the first bytes are a request of HTTP
	TLS                Reason = "tls"                 // the first bytes are a handshake of TLS
	FrameTooShort      Reason = "frame_too_short"     // shorter than the header of a request
	FrameTooLarge      Reason = "frame_too_large"     // larger than Config.MaxRequest, or than requests of its kind are
	UnknownAPI         Reason = "unknown_api"         // a key that is not served
	UnsupportedVersion Reason = "unsupported_version" // a version that is not served
	Malformed          Reason = "malformed"           // the body is not what its key and version say
	TooManyElements    Reason = "too_many_elements"   // arrays with more elements than any client needs
	InvalidRecords     Reason = "invalid_records"     // a batch whose records are not what it claims; answered, not closed
	Unauthenticated    Reason = "unauthenticated"     // a request before the log-in
	FirstRequest       Reason = "first_request"       // no request within Config.FirstRequest
	Stalled            Reason = "stalled"             // a frame began and did not go on
	Idle               Reason = "idle"                // no request within Config.Idle
	SlowReader         Reason = "slow_reader"         // an answer could not be written in time
	Memory             Reason = "memory"              // Config.Memory is used up
	Connections        Reason = "connections"         // Config.Connections are open; the least useful makes room
	Names              Reason = "names"               // more groups, transactions or producers than Config.Names
)

// Reasons lists all of them, for metrics that exist before the first event.
func Reasons() []Reason {
	return []Reason{
		HTTP, TLS, FrameTooShort, FrameTooLarge, UnknownAPI, UnsupportedVersion, Malformed, TooManyElements, InvalidRecords,
		Unauthenticated, FirstRequest, Stalled, Idle, SlowReader, Memory, Connections, Names,
	}
}

// Config of a Listener. DefaultConfig has the defaults; a zero is not one of them.
type Config struct {
	Connections     int           // open at a time; 0 = DefaultConnections
	MaxRequest      int           // bytes of one request
	MaxResponse     int           // bytes that a Fetch is answered with, but for one batch that is larger
	MaxUncompressed int           // bytes of the records of a batch without compression
	Memory          int64         // bytes of all requests that are being read or answered, and of the answers that connections keep
	Names           int           // groups, transactions and producers that clients may make, each, in the life of the process
	FirstRequest    time.Duration // until a new connection has sent a request
	Frame           time.Duration // without a byte of a frame that has begun
	Idle            time.Duration // without a request, while none is being answered
	Write           time.Duration // for an answer, and as long again for each 4 MiB of it
	MaxWait         time.Duration // that a Fetch may wait for records
	Login           bool          // kfake wants a log-in: before it only small requests are read

	// Event reports that refusals for a reason began, once in ten seconds for each. It
	// must not block. Nil: nobody is told.
	Event func(Event)
}

// Event is the beginning of refusals for one reason.
type Event struct {
	Reason Reason
	Peer   string // remote address
	Detail string // what was at fault, for people; may be empty
	Err    error  // of Accept, where Reason is ""
}

// DefaultConfig is for a broker on a single host.
func DefaultConfig() Config {
	return Config{
		MaxRequest:      32 << 20,
		MaxResponse:     8 << 20,
		MaxUncompressed: 80 << 20, // consumers of NetLyra pass over what is larger than 64 MiB, and say so
		Memory:          256 << 20,
		Names:           10_000,
		FirstRequest:    10 * time.Second,
		Frame:           15 * time.Second,
		Idle:            10 * time.Minute, // as connections.max.idle.ms of Apache Kafka
		Write:           30 * time.Second,
		MaxWait:         time.Minute,
	}
}

// DefaultConnections is half of the process's file descriptors, at least 32 and at most 1024.
func DefaultConnections() int {
	limit, ok := netlimit.DescriptorLimit()
	if !ok {
		return 1024
	}
	return int(min(max(limit/2, 32), 1024))
}

// Stats counts since the Listener was made; Open and Bytes are present values.
type Stats struct {
	Open     int
	Bytes    int64 // of Config.Memory that are in use
	Accepted uint64
	Frames   uint64
	Refused  map[Reason]uint64
	Accept   netlimit.Stats // of the listener beneath
}

func peerOf(c net.Conn) string {
	if a := c.RemoteAddr(); a != nil {
		return a.String()
	}
	return ""
}
