package features

import (
	"math/bits"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// probes counts the distinct items that were tried and those that accepted. An item that
// accepted once is not a failure.
type probes struct{ tried, accepted distinct }

func (p *probes) turn(ts, length int64) {
	p.tried.turn(ts, length)
	p.accepted.turn(ts, length)
}

// failed estimates the number of items that were tried and did not accept, without those
// that may still accept; of these at most inFlight are subtracted.
func (p *probes) failed(w pending, inFlight float64) float64 {
	n := 0
	for i := range p.tried.now {
		n += bits.OnesCount64((p.tried.now[i] | p.tried.past[i]) &^ (p.accepted.now[i] | p.accepted.past[i]))
	}
	return max(distinctOf[n]-min(float64(w), inFlight), 0)
}

// Probes is the exported form of probes, with one period, for package link.
type Probes struct{ probes }

// Try counts an item that was tried at ts. The period is a minute.
func (p *Probes) Try(ts models.Timestamp, item uint64) {
	p.turn(int64(ts), 60*second)
	p.tried.add(item)
}

// Accept counts an item that accepted.
func (p *Probes) Accept(ts models.Timestamp, item uint64) {
	p.turn(int64(ts), 60*second)
	p.accepted.add(item)
}

// Failed estimates the number of items of the last minute or two that did not accept, less up
// to inFlight that may still do so.
func (p *Probes) Failed(inFlight float64) float64 { return p.failed(pending(inFlight), inFlight) }

// Fields encodes or decodes the state.
func (p *Probes) Fields(c *state.Codec) { p.fields(c) }

// The largest numbers of ports and of hosts that an ordinary program tries within one
// round-trip time.
const (
	inFlightPorts = 6
	inFlightHosts = 16
)

// duo is the state of a source and a destination over all services: the ports it tried.
type duo struct {
	clock
	fast, slow probes
	pending    pending
	peaks      [2]Peak
}

// sweep is the state of a source and a service over all destinations: the hosts it tried.
type sweep struct {
	clock
	fast, slow probes
	pending    pending
	peaks      [2]Peak
}

// observeProbes counts attempts and acceptances for scans. Only packets that open, accept or
// refuse a connection matter.
func (e *Extractor) observeProbes(v *View, ts int64) {
	if !v.Opened && !v.answers && !v.refused && !v.completes {
		return
	}
	m, accepts := v.Meta, v.accepts()
	if !Answerable(v.Target()) || icmpError(m) || v.unasked || isTraceroute(v) {
		return
	}
	port := mix(uint64(probedPort(v)), uint64(m.Proto))
	d, fresh := e.duos.get(mix(v.SourceKey, v.TargetKey^0x51afd7ed558ccd))
	v.duo = d
	d.pending.count(v, accepts, fadeFor(d.move(ts, fresh)))
	s, fresh := e.sweeps.get(mix(v.SourceKey, port))
	v.sweep = s
	s.pending.count(v, accepts, fadeFor(s.move(ts, fresh)))
	floods := m.Proto == models.ProtoUDP && m.PayloadLen > largestProbe
	for _, p := range [...]struct {
		p      *probes
		item   uint64
		period int64
	}{{&d.fast, port, 60 * second}, {&d.slow, port, longest}, {&s.fast, v.TargetKey, 60 * second}, {&s.slow, v.TargetKey, longest}} {
		p.p.turn(ts, p.period)
		if v.Opened && (p.item == v.TargetKey || !floods) {
			p.p.tried.add(p.item)
		}
		if accepts {
			p.p.accepted.add(p.item)
		}
	}
	if v.Opened || v.refused {
		if !isICMP(m.Proto) && !floods {
			v.moved.mark(ProbedPorts, ProbedPortsSlow)
		}
		v.moved.mark(ProbedHosts, ProbedHostsSlow)
	}
}

// accepts reports whether the packet shows that the destination accepts the connection and
// the source wants it. A scanner resets what a port has accepted.
func (v *View) accepts() bool {
	if v.Meta.Proto == models.ProtoTCP && !v.Opened {
		return v.completes
	}
	return v.answers
}

// probedPort is the service port; for an ICMP answer the type of its request.
func probedPort(v *View) uint16 {
	port := v.ServicePort()
	if isICMP(v.Meta.Proto) {
		switch port {
		case 0:
			return 8
		case 129:
			return 128
		}
	}
	return port
}

// largestProbe is the largest payload of a datagram that may be a probe of a port, in bytes:
// floods send larger ones to many ports.
const largestProbe = 300

// isTraceroute reports whether the packet may be a probe of traceroute, which sends datagrams
// to ascending ports that are closed.
func isTraceroute(v *View) bool {
	p := v.ServicePort()
	return v.Meta.Proto == models.ProtoUDP && p >= 33434 && p <= 33534
}

// swept is the number of hosts that the source tried at the service, weighted by what that is
// evidence of. A host that did not accept counts 1. It counts 0.4 for datagram protocols
// without a fixed server (games, file sharing, calls), whose peers often have left, and 0.5
// for public web servers, which are all out of reach where the network has no way to them. A
// host that answered an ICMP echo request counts 0.5, for the request serves to find it.
// Requests without payload count twice: ping sends 56 bytes.
func (v *View) swept(p *probes) float64 {
	n, m := p.failed(v.sweep.pending, inFlightHosts), v.Meta
	switch {
	case isICMP(m.Proto):
		n += p.accepted.estimate() / 2
		if m.PayloadLen == 0 {
			n *= 2
		}
	case isWebPort(v.ServicePort()) && !isLocal(v.Target()):
		n *= 0.5
	case m.Proto == models.ProtoUDP && v.ServicePort() >= 1024 && !isServicePort(v.ServicePort()):
		n *= 0.4
	}
	return n
}

// isServicePort reports whether a port from 1024 on belongs to a datagram service.
func isServicePort(port uint16) bool {
	switch port {
	case 1194, 1434, 1645, 1701, 1812, 1900, 2049, 3283, 3389, 3702, 5060, 5353, 5683, 10001, 11211, 20000, 37810, 44818, 47808:
		return true
	}
	return false
}
