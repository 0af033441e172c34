package demo

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// Names of attacks, as Label gives them.
const (
	SYNScan        = "syn_scan"
	SSHBruteForce  = "ssh_brute_force"
	SYNFlood       = "syn_flood"
	UDPFlood       = "udp_flood"
	Exfiltration   = "exfiltration"
	HostSweep      = "host_sweep"
	UDPScan        = "udp_scan"
	SlowBruteForce = "slow_brute_force"
	DNSTunnel      = "dns_tunnel"
	Beacon         = "beacon"
	ICMPTunnel     = "icmp_tunnel"
	SpoofedFlood   = "spoofed_flood"
)

// Kind is a kind of attack. Packets of both directions are labeled with its name.
type Kind struct {
	Name   string
	Source netip.Addr // the attacker; invalid if the sources are forged
	Target netip.Addr // the victim; invalid if there are several
	For    time.Duration
	Rate   float64 // units a second
	Unit   string
	What   string
	begin  func(g *Generator, k Kind, a Attack, rng *rand.Rand, now int64) actor
}

// kinds is the table of all attacks. For and Rate are what the demo uses. It is
// filled in here because the attacks look themselves up in it.
var kinds []Kind

func init() {
	kinds = []Kind{
		{SYNScan, guest, fileServer, 4 * time.Second, 300, "ports", "half-open scan of one host's TCP ports", beginSYNScan},
		{SSHBruteForce, outsider(66), fileServer, 8 * time.Second, 6, "log-ins", "many SSH log-ins that fail, one after the other", beginBruteForce},
		{SYNFlood, outsider(77), fileServer, 4 * time.Second, 1200, "packets", "SYNs to one port that are never completed, from one address", beginSYNFlood},
		{UDPFlood, outsider(78), fileServer, 4 * time.Second, 1200, "packets", "large datagrams to random ports", beginUDPFlood},
		{Exfiltration, workstation(8), outsider(99), 6 * time.Second, 600, "packets", "a large upload to an outside host", beginExfiltration},
		{HostSweep, guest, netip.Addr{}, 5 * time.Second, 50, "hosts", "SYNs to port 445 of every address of the network", beginHostSweep},
		{UDPScan, guest, fileServer, 5 * time.Second, 100, "ports", "probes of one host's UDP ports", beginUDPScan},
		{SlowBruteForce, outsider(67), fileServer, 10 * time.Minute, 0.5, "log-ins", "an SSH log-in that fails every two seconds", beginBruteForce},
		{DNSTunnel, workstation(5), dnsServer, 30 * time.Second, 30, "queries", "data in the names and texts of DNS", beginDNSTunnel},
		{Beacon, workstation(3), outsider(98), 10 * time.Minute, 0.2, "calls", "a short TLS session to one outside host at a regular beat", beginBeacon},
		{ICMPTunnel, workstation(6), outsider(97), 30 * time.Second, 30, "echoes", "data in the payload of echo messages", beginICMPTunnel},
		{SpoofedFlood, netip.Addr{}, fileServer, 4 * time.Second, 1200, "packets", "SYNs to one port, each from another forged address", beginSpoofedFlood},
	}
}

// Kinds lists all kinds of attack.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// Names lists the names of all kinds.
func Names() []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = k.Name
	}
	return out
}

// Lookup finds a kind by its name.
func Lookup(name string) (Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
