package vocabulary

// Kinds of alerts: what the traffic of an episode looks like. A kind is derived from the
// evidence and never decides whether there is an alert. They are the field "kind" of
// alerts and the label "kind" of the metric netlyra_engine_alert_records_total.
const (
	KindPortScan     = "port_scan"
	KindHostScan     = "host_scan"
	KindFlood        = "flood"
	KindBruteForce   = "brute_force"
	KindExfiltration = "exfiltration"
	KindBeacon       = "beacon"
	KindTunnel       = "tunnel"
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
	{KindUnusual, "Anomalous traffic", "The traffic is improbable compared with the baseline, and no other kind fits. The reasons name what is anomalous."},
}
