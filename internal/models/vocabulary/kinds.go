package vocabulary

// Kinds of alerts: what the traffic of an episode looks like. A kind is that of the behavior
// with the highest level, and behaviors start alerts. They are the field "kind" of
// alerts and the label "kind" of the metric netlyra_engine_alert_records_total.
const (
	KindPortScan     = "port_scan"
	KindHostScan     = "host_scan"
	KindFlood        = "flood"
	KindBruteForce   = "brute_force"
	KindExfiltration = "exfiltration"
	KindBeacon       = "beacon"
	KindTunnel       = "tunnel"
	KindICMPFlood    = "icmp_flood"
	KindReflection   = "reflection"
	KindSlowHTTP     = "slow_http"
	KindLateral      = "lateral_movement"
	KindDGA          = "dga"
	KindARPSpoof     = "arp_spoof"
	KindARPScan      = "arp_scan"
	KindStarvation   = "dhcp_starvation"
	KindRogueDHCP    = "rogue_dhcp"
	KindUnusual      = "unusual"
)

// Kinds describes every kind of alert.
var Kinds = []Entry{
	{KindPortScan, "Port scan", "One source tries many ports of one or a few hosts, and most attempts are refused or unanswered (MITRE ATT&CK T1046)."},
	{KindHostScan, "Host scan", "One source tries to connect to many hosts, and most attempts are refused or unanswered (T1046)."},
	{KindFlood, "Flood", "One or many sources send more packets or connection attempts than the destination answers (T1498)."},
	{KindBruteForce, "Brute force", "One source opens many short, answered connections to one service, as in guessing passwords (T1110)."},
	{KindExfiltration, "Exfiltration", "One source sends far more data to a destination than it receives (T1048)."},
	{KindBeacon, "Beacon", "One source connects to a service at regular intervals with similar amounts of data, as malware that polls its control server (T1071)."},
	{KindTunnel, "Tunnel", "DNS or ICMP traffic is larger or more random than typical, as if it carried other traffic (T1572)."},
	{KindICMPFlood, "ICMP flood", "A host receives more ICMP echo requests or errors than any ordinary program causes (T1498)."},
	{KindReflection, "Reflection", "A host receives answers that it did not ask for, as when an attacker sends requests with its address to servers (T1498.002)."},
	{KindSlowHTTP, "Slow HTTP", "Many connections to a web service wait for the rest of a request, which keeps it from serving others (T1499)."},
	{KindLateral, "Lateral movement", "One source opens administrative sessions on many hosts for the first time (T1021)."},
	{KindDGA, "Generated domains", "One source asks for many domains that do not exist, as malware that computes the names of its servers (T1568.002)."},
	{KindARPSpoof, "ARP spoofing", "An address changes to another link-layer address, or answers without a request claim it (T1557.002)."},
	{KindARPScan, "ARP scan", "One source asks for the link-layer addresses of many hosts that do not answer (T1018)."},
	{KindStarvation, "DHCP starvation", "Many link-layer addresses ask for a lease within a short time, as if to use up the pool (T1557.003)."},
	{KindRogueDHCP, "Rogue DHCP server", "A second DHCP server answers on a segment (T1557.003)."},
	{KindUnusual, "Anomalous traffic", "The traffic of one source stays improbable compared with the baseline, and no other kind fits. The reasons name what is anomalous."},
}

// nextSteps says, for each kind of alert, what a person does next, in two sentences: what to
// look at and when the traffic is harmless, then what to do if it is not. The generator
// adds them to the table of kinds in docs/vocabulary.md.
var nextSteps = map[string]string{
	KindPortScan: "Find out what runs on the source; a vulnerability scanner, a monitoring system or a client whose server is down is harmless. " +
		"If none of these explains it, isolate the source and check which ports of the destination answered.",
	KindHostScan: "Find out what runs on the source; inventory tools, monitoring and backup servers contact many hosts as part of their work. " +
		"If none of these explains it, isolate the source, look for malware on it, and check the hosts that answered.",
	KindFlood: "Check whether the destination still serves its users, and whether a load test or a popular download explains the traffic. " +
		"If not, limit or block the sources at the firewall; if the addresses are forged, ask the provider to filter and turn on SYN cookies.",
	KindBruteForce: "Look in the log of the destination for failed log-ins from the source, and for one that succeeded; a script with an old password is harmless. " +
		"If it is not such a script, block the source, and change the password and review the sessions of every account that it entered.",
	KindExfiltration: "Find out who owns the destination and which program on the source sends the data; backups, uploads and video calls are harmless. " +
		"If no user or program explains it, isolate the source and determine which files it sent.",
	KindBeacon: "Look up the owner of the destination and the process on the source that connects; update checks, monitoring and messengers are harmless. " +
		"If the process is unknown, isolate the source and search the other hosts for connections to the same destination.",
	KindTunnel: "Look at the domain names or the payload that the source sends; security products and content networks use long names as well. " +
		"If it is not one of these, block the domain or the destination and look for the tunnel program on the source.",
	KindICMPFlood: "Check whether the destination answers its users; a path test with many pings or a routing loop is harmless once it ends. " +
		"If it does not end, limit ICMP at the firewall; if the messages are errors, look for forged packets with the address of the destination.",
	KindReflection: "Check the load of the line of the destination; answers after a restart of the capture, or on a path that carries one direction only, are harmless. " +
		"If the load is high, ask the provider to filter the source port of the answers; the servers that answer are not the attacker.",
	KindSlowHTTP: "Look at the connections of the web server and at their sources; a few slow mobile clients or long uploads are harmless. " +
		"If the sources are few and the server refuses others, block them and shorten the time limit for request headers.",
	KindLateral: "Ask the administrators whether they or a management tool worked from the source at that time; roll-outs and new jump hosts are harmless. " +
		"If they did not, isolate the source, lock the accounts that it used, and check each host that it reached.",
	KindDGA: "Look at the names in the DNS log of the source; a wrong search domain, a removed service or a mail filter also asks for names that do not exist. " +
		"If the names look random, isolate the source, look for malware, and check which of the names had an answer.",
	KindARPSpoof: "Compare the link-layer address with the inventory or the tables of the switch; a fail-over, a new network card or a virtual machine that moved is harmless. " +
		"If the address is unknown, find its switch port and disable it, and turn on ARP inspection.",
	KindARPScan: "Find out what runs on the source; routers after a restart, monitoring and inventory tools ask for many addresses. " +
		"If none of these explains it, isolate the source and watch whether it contacts the hosts that it found.",
	KindStarvation: "Check the free addresses of the DHCP server, and whether many devices were turned on at once, for example after a power failure. " +
		"If they were not, find the switch port of the requests, disable it, and turn on port security and DHCP snooping.",
	KindRogueDHCP: "Find the new server by its address; a second server that was planned, or a relay that was replaced, is harmless. " +
		"If it was not planned, often a home router or a test machine, disconnect it and renew the leases of the clients that it answered.",
	KindUnusual: "Read the reasons and look at the connection and at other alerts of the source; a new service or a maintenance task is the most frequent cause. " +
		"If the cause is known, mark the alert as a false positive; if it stays unexplained, treat the source as suspect and capture its traffic.",
}

// NextSteps returns what a person does next about an alert of this kind, "" for an unknown
// kind.
func NextSteps(kind string) string { return nextSteps[kind] }
