package features

import (
	"net/netip"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// Behavior is a statistic that describes conduct of a host over a window, under conditions
// that rule out ordinary causes: failed attempts count once for each port or host, multicast
// groups cannot leave anything unanswered, and so on. The engine derives alerts and their
// kinds from behaviors.
type Behavior uint8

// The behaviors.
const (
	ProbedPorts     Behavior = iota // source: ports of the destination that did not accept, minutes
	ProbedPortsSlow                 // the same in half an hour
	ProbedHosts                     // source: hosts that did not accept at the service, minutes
	ProbedHostsSlow                 // the same in half an hour
	StrangeFlags                    // source: packets with sets of TCP flags that no program sends, last minute
	HalfOpen                        // destination: attempts of the last seconds that were not completed
	OneWay                          // destination: datagrams of the last seconds without an answer
	PingFlood                       // destination: ICMP messages of the last seconds
	ErrorFlood                      // source: ICMP errors that it received in the last seconds
	Unasked                         // source: answers that it received without having asked, last minute
	Logins                          // pair: short connections to a login service in the last minute
	LoginsSlow                      // the same in a quarter of an hour
	EchoData                        // pair: payload in ICMP echo messages of varying size, last minute
	QueryData                       // pair: payload of DNS queries beyond that of ordinary names, last minute
	Upload                          // pair: payload sent beyond what was received, in a quarter of an hour
	Calls                           // pair: regular and similar connections
	Beats                           // connection: regular and similar messages without an answer
	UnnamedTLS                      // pair: TLS sessions without server name to an unusual port, in a quarter of an hour
	NameData                        // source and domain: bytes of new names left of the domain, last minute
	MissingDomains                  // source: registered domains that do not exist, minutes
	Waiting                         // destination: connections to a web service with an incomplete request
	Requests                        // destination: short web connections and failed DNS queries of the last seconds
	Driven                          // connection: exchanges that a destination outside of the network began
	AdminHosts                      // source: hosts where it opened its first administrative session, half an hour
	Claims                          // link: unsolicited or conflicting claims of an address, last minute
	Resolved                        // link: addresses that the sender asked for without an answer, minutes
	Leases                          // link: hardware addresses that ask for a lease, minutes
	Servers                         // link: DHCP servers that answer the clients of another one
	Odd                             // source: improbable evaluations of the forests; see View.AddOdd
	Behaviors
)

// moved is the set of behaviors that a packet may have raised.
type moved uint32

func (m *moved) mark(b ...Behavior) {
	for _, x := range b {
		*m |= 1 << x
	}
}

// Answerable reports whether an address can answer for itself: it is no group and no broadcast
// address. The last address of a /24 counts as broadcast.
func Answerable(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.IsMulticast() || a.IsUnspecified() {
		return false
	}
	return !a.Is4() || a.As4()[3] != 255
}

// Peak is the highest value of a statistic within the current minute, for the engine, which
// learns one value a minute.
type Peak struct {
	Minute  int32
	Max     float32 // in the unit of the statistic
	Counted int32   // minute of its last improbable value that was learned; set by the engine
}

// Turn counts a value at an event time. When a minute has ended it returns its maximum.
func (p *Peak) Turn(ts models.Timestamp, x float32) (ended float32, ok bool) {
	minute := int32(int64(ts) / (60 * second))
	if minute != p.Minute {
		ended, ok = p.Max, p.Minute != 0
		p.Minute, p.Max = minute, x
		return ended, ok
	}
	p.Max = max(p.Max, x)
	return 0, false
}

// Fields encodes or decodes the state.
func (p *Peak) Fields(c *state.Codec) {
	at := uint32(p.Minute)
	c.U32(&at)
	p.Minute = int32(at)
	c.F32(&p.Max)
	at = uint32(p.Counted)
	c.U32(&at)
	p.Counted = int32(at)
}

// Moved reports whether the packet may have raised the statistic of b.
func (v *View) Moved(b Behavior) bool { return v.moved&(1<<b) != 0 }

// AnyMoved returns the set of behaviors that the packet may have raised, bit b for Behavior b.
func (v *View) AnyMoved() uint32 { return uint32(v.moved) }

// Statistic returns the value of b at the packet, in the unit of its feature. It must be
// called only if Moved(b).
func (v *View) Statistic(b Behavior) float64 {
	switch b {
	case ProbedPorts:
		return v.duo.fast.failed(v.duo.pending, inFlightPorts)
	case ProbedPortsSlow:
		return v.duo.slow.failed(v.duo.pending, inFlightPorts)
	case ProbedHosts:
		return v.swept(&v.sweep.fast)
	case ProbedHostsSlow:
		return v.swept(&v.sweep.slow)
	case StrangeFlags:
		return v.source.strangeFlags()
	case HalfOpen:
		t := v.target
		return max(float64(t.attempts[short4]-t.completed[short4]), 0)
	case OneWay:
		t := v.target
		return max(float64(t.datagrams[short4]-2*t.replies[short4]), 0)
	case PingFlood:
		return float64(v.target.pings[short4])
	case ErrorFlood:
		return max(float64(v.source.errors[short4]-v.source.opened[short4]), 0) // its own attempts cause errors
	case Unasked:
		return float64(v.source.unasked[mid60])
	case Logins:
		return float64(v.pair.ended[mid60]) * v.pair.alike()
	case LoginsSlow:
		return float64(v.pair.ended[long960]) * v.pair.alike()
	case EchoData:
		return v.echoData()
	case QueryData:
		if p := v.pair; p.down[mid60] < p.up[mid60]/8 {
			return 0 // a tunnel has two directions; a flood of queries has one
		}
		return float64(v.pair.queryData[mid60])
	case Upload:
		return max(float64(v.pair.up[long960]-4*v.pair.down[long960]), 0)
	case Calls:
		return v.calls()
	case Beats:
		return v.conn.regularBeats()
	case UnnamedTLS:
		return float64(v.pair.unnamed[long960])
	case NameData:
		return v.domain.carried()
	case MissingDomains:
		return v.source.missing.estimate()
	case Waiting:
		return max(float64(v.target.waiting), 0)
	case Requests:
		return float64(v.target.requests[short4])
	case Driven:
		return v.conn.orders()
	case AdminHosts:
		return v.source.admin.estimate()
	case Odd:
		return float64(v.source.odd)
	}
	return 0
}

// PeakOf returns where the engine keeps the peak of b for the packet's subject.
func (v *View) PeakOf(b Behavior) *Peak {
	switch b {
	case ProbedPorts, ProbedPortsSlow:
		return &v.duo.peaks[b-ProbedPorts]
	case ProbedHosts, ProbedHostsSlow:
		return &v.sweep.peaks[b-ProbedHosts]
	case HalfOpen, OneWay, PingFlood:
		return &v.target.peaks[b-HalfOpen]
	case Waiting:
		return &v.target.peaks[3]
	case Requests:
		return &v.target.peaks[4]
	case Driven:
		return &v.pair.peaks[8]
	case Logins, LoginsSlow, EchoData, QueryData, Upload, Calls, Beats, UnnamedTLS:
		return &v.pair.peaks[b-Logins]
	case NameData:
		return &v.domain.peak
	case MissingDomains:
		return &v.source.peaks[4]
	case ErrorFlood, Unasked:
		return &v.source.peaks[b-ErrorFlood]
	case AdminHosts:
		return &v.source.peaks[2]
	case StrangeFlags:
		return &v.source.peaks[3]
	}
	return &v.source.peaks[5]
}
