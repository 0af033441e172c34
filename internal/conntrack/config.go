package conntrack

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/memory"
)

// Config of a Table. Times are event time.
type Config struct {
	// Connections is how many may be tracked at once, 1 to 2^28.
	Connections int

	// VerifyChecksums has a packet with a wrong transport checksum noted as C in the
	// history of its connection and otherwise left out of account, as Zeek does. Off,
	// checksums are ignored: offloading cards leave wrong ones in captures.
	VerifyChecksums bool

	// EndsOnly has the Sink called when a connection ends, and at no other time.
	EndsOnly bool

	// UpdateInterval is how often an active connection is told of anew, 0 for never.
	UpdateInterval time.Duration

	// IdleAfter is how long without a packet makes a connection idle.
	IdleAfter time.Duration

	// Time-outs, named as Zeek's.
	TCPInactivity     time.Duration // of a TCP connection whose handshake is done, or that was met in the middle
	TCPInteractive    time.Duration // of the same where a person may be thinking: SSH, FTP, Telnet, rlogin
	UDPInactivity     time.Duration // of a UDP flow, and of TCP before its handshake is done
	ICMPInactivity    time.Duration
	UnknownInactivity time.Duration // of any other IP protocol
	TCPAttemptDelay   time.Duration // from the SYN to giving up hope of an answer
	TCPCloseDelay     time.Duration // a closed connection is kept so long for stragglers
	TCPResetDelay     time.Duration // the same after a RST that follows a FIN
	TCPLinger         time.Duration // silence after which a half-closed connection is looked at
	TCPSessionTimer   time.Duration // how often it is looked at

	// TalkerWindow is the time over which Traffic finds the hosts that sent most.
	TalkerWindow time.Duration
}

// DefaultConfig has Zeek's time-outs, as far as possible from the diagrams of package memory.
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

// Validate reports the first setting that is out of range.
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
