package guard

import (
	"net"
	"time"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Reason identifies why a connection was closed or a batch was refused. The values are metric
// labels and do not change.
type Reason string

// Reasons.
const (
	HTTP               Reason = "http"                // the first bytes are an HTTP request
	TLS                Reason = "tls"                 // the first bytes are a TLS handshake
	FrameTooShort      Reason = "frame_too_short"     // shorter than the header of a request
	FrameTooLarge      Reason = "frame_too_large"     // larger than Config.MaxRequest, or than the limit of its key
	UnknownAPI         Reason = "unknown_api"         // the key is not supported
	UnsupportedVersion Reason = "unsupported_version" // the version is not supported
	Malformed          Reason = "malformed"           // the body does not match its key and version
	TooManyElements    Reason = "too_many_elements"   // arrays with more elements than any client needs
	InvalidRecords     Reason = "invalid_records"     // the records of a batch do not match its header; answered without closing
	Unauthenticated    Reason = "unauthenticated"     // a request before the authentication
	FirstRequest       Reason = "first_request"       // no request within Config.FirstRequest
	Stalled            Reason = "stalled"             // the rest of a frame did not arrive in time
	Idle               Reason = "idle"                // no request within Config.Idle
	SlowReader         Reason = "slow_reader"         // an answer could not be written in time
	Memory             Reason = "memory"              // Config.Memory is exhausted
	Connections        Reason = "connections"         // displaced, because Config.Connections are open
	Names              Reason = "names"               // more groups, transactions or producers than Config.Names
)

// Reasons returns all reasons, for metrics that exist before the first refusal.
func Reasons() []Reason {
	return []Reason{
		HTTP, TLS, FrameTooShort, FrameTooLarge, UnknownAPI, UnsupportedVersion, Malformed, TooManyElements, InvalidRecords,
		Unauthenticated, FirstRequest, Stalled, Idle, SlowReader, Memory, Connections, Names,
	}
}

// Config configures a Listener. DefaultConfig returns the defaults; zero values are no defaults,
// except for Connections.
type Config struct {
	Connections     int           // maximum number of open connections; 0: DefaultConnections
	MaxRequest      int           // maximum bytes of a request
	MaxResponse     int           // maximum bytes of the answer to a Fetch, except for a single larger batch
	MaxUncompressed int           // maximum uncompressed bytes of the records of a batch
	Memory          int64         // maximum bytes of all requests in progress, and separately of the answer buffers
	Names           int           // maximum number of groups and of transactions that clients may create until the Listener is closed; ten times as many producers
	FirstRequest    time.Duration // maximum time until a new connection has sent a request
	Frame           time.Duration // maximum time without a byte in the middle of a frame
	Idle            time.Duration // maximum time without a request, while no answer is pending
	Write           time.Duration // maximum time to write an answer, and again for each 4 MiB of it
	MaxWait         time.Duration // maximum time that a Fetch waits for records
	Login           bool          // kfake requires authentication: refuse other requests before it

	// Event is called for the first refusal of each reason, at most once in ten seconds. It
	// must not block. May be nil.
	Event func(Event)
}

// Event is the first of a series of refusals for one reason.
type Event struct {
	Reason Reason
	Peer   string // remote address
	Detail string // cause, for people; may be empty
	Err    error  // error of Accept, if Reason is ""
}

// DefaultConfig returns a configuration for a broker on a single host.
func DefaultConfig() Config {
	return Config{
		MaxRequest:      32 << 20,
		MaxResponse:     8 << 20,
		MaxUncompressed: 80 << 20, // consumers of NetLyra skip and report batches above 64 MiB
		Memory:          256 << 20,
		Names:           10_000,
		FirstRequest:    10 * time.Second,
		Frame:           15 * time.Second,
		Idle:            10 * time.Minute, // the default of connections.max.idle.ms of Apache Kafka
		Write:           30 * time.Second,
		MaxWait:         time.Minute,
	}
}

// DefaultConnections returns half of the process's limit of file descriptors, within 32…1024.
func DefaultConnections() int {
	limit, ok := netlimit.DescriptorLimit()
	if !ok {
		return 1024
	}
	return int(min(max(limit/2, 32), 1024))
}

// Stats are counts since New; Open and Bytes are current values.
type Stats struct {
	Open     int
	Bytes    int64 // bytes of requests in progress and of answer buffers
	Accepted uint64
	Frames   uint64
	Refused  map[Reason]uint64
	Accept   netlimit.Stats // counts of the underlying listener
}

func peerOf(c net.Conn) string {
	if a := c.RemoteAddr(); a != nil {
		return a.String()
	}
	return ""
}
