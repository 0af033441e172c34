package conntrack

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models/names"
	"github.com/netlyra/netlyra/memory"
)

// Config configures a Table. Durations are event time.
type Config struct {
	// Connections is the maximum number of tracked connections, 1 to 2^28.
	Connections int

	// VerifyChecksums records a packet with a wrong transport checksum as C in the history
	// and otherwise ignores the packet, as Zeek does. If false, checksums are ignored,
	// because checksum offload leaves wrong ones in captures.
	VerifyChecksums bool

	// Names is what the packet that completes a ClientHello records of its server name.
	// Connections have the name in every mode.
	Names names.Mode

	// EndsOnly calls the Sink only when a connection ends.
	EndsOnly bool

	// UpdateInterval is the time between EventUpdates of an active connection, 0 for none.
	UpdateInterval time.Duration

	// IdleAfter is the time without a packet after which a connection is idle.
	IdleAfter time.Duration

	// Time-outs, named as Zeek's.
	TCPInactivity     time.Duration // of a TCP connection after its handshake, or whose handshake was not captured
	TCPInteractive    time.Duration // the same for interactive services: SSH, FTP, Telnet, rlogin
	UDPInactivity     time.Duration // of a UDP flow, and of TCP before the end of its handshake
	ICMPInactivity    time.Duration
	UnknownInactivity time.Duration // of any other IP protocol
	TCPAttemptDelay   time.Duration // from the SYN to the end of an unanswered attempt
	TCPCloseDelay     time.Duration // from the close to the removal, for late packets
	TCPResetDelay     time.Duration // the same after a RST that follows a FIN
	TCPLinger         time.Duration // silence after which a half-closed connection is checked
	TCPSessionTimer   time.Duration // interval of these checks

	// TalkerWindow is the window of Traffic for the hosts with the most bytes.
	TalkerWindow time.Duration
}

// DefaultConfig returns Zeek's time-outs, where possible from the diagrams of package memory.
func DefaultConfig() Config {
	tcp, udp := memory.TCP(), memory.UDP()
	return Config{
		Connections:       1 << 20,
		UpdateInterval:    5 * time.Second,
		IdleAfter:         30 * time.Second,
		TCPInactivity:     tcp.Timeout(memory.TCPEstablished),
		TCPInteractive:    time.Hour,
		UDPInactivity:     udp.Timeout(memory.FlowTalking),
		ICMPInactivity:    time.Minute,
		UnknownInactivity: time.Minute,
		TCPAttemptDelay:   tcp.Timeout(memory.TCPSynSent),
		TCPCloseDelay:     tcp.Timeout(memory.TCPClosed),
		TCPResetDelay:     tcp.Timeout(memory.TCPReset),
		TCPLinger:         5 * time.Second,
		TCPSessionTimer:   6 * time.Second,
		TalkerWindow:      10 * time.Second,
	}
}

// Validate returns an error for the first setting that is out of range.
func (c Config) Validate() error {
	if c.Connections < 1 || c.Connections > maxConnections {
		return fmt.Errorf("conntrack: connections %d: want 1 to %d", c.Connections, maxConnections)
	}
	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"idle after", c.IdleAfter}, {"TCP inactivity", c.TCPInactivity}, {"TCP interactive inactivity", c.TCPInteractive}, {"UDP inactivity", c.UDPInactivity},
		{"ICMP inactivity", c.ICMPInactivity}, {"unknown protocol inactivity", c.UnknownInactivity},
		{"TCP attempt delay", c.TCPAttemptDelay}, {"TCP close delay", c.TCPCloseDelay},
		{"TCP reset delay", c.TCPResetDelay}, {"TCP linger", c.TCPLinger},
		{"TCP session timer", c.TCPSessionTimer}, {"talker window", c.TalkerWindow},
	} {
		if d.d <= 0 || d.d > 24*time.Hour {
			return fmt.Errorf("conntrack: %s %v: want more than 0 and at most 24h", d.name, d.d)
		}
	}
	if c.UpdateInterval < 0 {
		return fmt.Errorf("conntrack: update interval %v: want 0 (never) or more", c.UpdateInterval)
	}
	return nil
}
