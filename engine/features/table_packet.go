package features

// packetRows are the features of the packet and of its connection.
var packetRows = []Feature{
	{Name: "payload_len", DisplayName: "Payload size", Group: Packet, Unit: UnitBytes, Window: thisPacket,
		Phrase: "the packet carries {value} of payload", Zero: "the packet carries no payload",
		Help: "bytes above the transport header", Scaling: logs(16, 65535), Prior: [2]float64{0, 1460}},
	{Name: "entropy", DisplayName: "Payload entropy", Group: Packet, Unit: UnitBitsPerByte, Window: thisPacket,
		Phrase: "the payload of the packet has an entropy of {value}", Zero: "the packet carries no payload, or one repeated byte",
		Note: "8 is compressed or encrypted data", Help: "Shannon entropy of the captured payload", Scaling: linear(8), Prior: [2]float64{0, 7.9}},
	{Name: "flag_oddity", DisplayName: "TCP flags", Group: Packet, Unit: UnitClass, Window: thisPacket,
		Help:    "how rare this set of TCP flags is in any network; 0 for other protocols",
		Classes: flagClasses, Scaling: linear(1), Prior: [2]float64{0, 0.5}},
	{Name: "proto_class", DisplayName: "Protocol", Group: Packet, Unit: UnitClass, Window: thisPacket,
		Help: "transport protocol", Classes: protoClasses, Scaling: linear(1), Prior: [2]float64{0.15, 0.6}},
	{Name: "service_port", DisplayName: "Service port", Group: Packet, Unit: UnitPort, Window: thisPacket,
		Phrase: "the service port is {value}", Zero: "the connection has no service port",
		Help: "port of the responder; for ICMP the message type", Scaling: logs(16, 65535), Prior: [2]float64{20, 9000}},
	{Name: "conn_gap", DisplayName: "Time since the previous packet", Group: Packet, Unit: UnitSeconds, Window: thisPacket,
		Phrase: "the packet came {value} after the previous packet of its connection",
		Help:   "time since the previous packet of the connection; 3600 for the first", Scaling: logs(1e-5, firstPacketGap), Prior: [2]float64{0, 60}},

	{Name: "conn_packets", DisplayName: "Packets of the connection", Group: Conn, Unit: UnitPackets, Window: thisConnection,
		Phrase: "the connection has exchanged {value} so far",
		Help:   "packets in both directions so far", Scaling: logs(1, 1e6), Prior: [2]float64{1, 2000}},
	{Name: "conn_bytes_up", DisplayName: "Payload sent in the connection", Group: Conn, Unit: UnitBytes, Window: thisConnection,
		Phrase: "the source has sent {value} of payload in this connection", Zero: "the source has sent no payload in this connection",
		Help: "payload sent by the originator", Scaling: logs(65536, 1e9), Prior: [2]float64{0, 1e5}},
	{Name: "conn_bytes_down", DisplayName: "Payload received in the connection", Group: Conn, Unit: UnitBytes, Window: thisConnection,
		Phrase: "the destination has sent {value} of payload in this connection", Zero: "the destination has sent no payload in this connection",
		Help: "payload sent by the responder", Scaling: logs(64, 1e9), Prior: [2]float64{0, 1e6}},
	{Name: "conn_rate", DisplayName: "Packet rate of the connection", Group: Conn, Unit: UnitPacketsPerSecond, Window: thisConnection,
		Phrase: "the connection has averaged {value}", Zero: "the connection has averaged less than 0.1 packets/s",
		Help: "packets divided by the age of the connection, at least one second", Scaling: logs(0.1, 1e5), Prior: [2]float64{0.1, 300}},
	{Name: "conn_size_spread", DisplayName: "Variation of payload sizes", Group: Conn, Unit: UnitBytes, Window: thisConnection,
		Phrase: "the payload sizes of the connection's packets have a standard deviation of {value}", Zero: "all packets of the connection have the same payload size",
		Help: "standard deviation of the payload sizes", Scaling: logs(8, 8192), Prior: [2]float64{0, 700}},
	{Name: "conn_entropy", DisplayName: "Mean payload entropy of the connection", Group: Conn, Unit: UnitBitsPerByte, Window: thisConnection,
		Phrase: "the payload of the connection has a mean entropy of {value}", Zero: "the connection has carried no payload, or only repeated bytes",
		Note: "8 is compressed or encrypted data", Help: "mean entropy of the packets with payload", Scaling: linear(8), Prior: [2]float64{0, 7.9}},
	{Name: "conn_state", DisplayName: "State of the connection", Group: Conn, Unit: UnitClass, Window: thisConnection,
		Help: "how the connection has gone so far", Classes: stateClasses, Scaling: linear(1), Prior: [2]float64{0, 0.6}},
}

// firstPacketGap is conn_gap of the first packet of a connection, in seconds.
const firstPacketGap = 3600

// Values of the features that enumerate.
const (
	flagsData, flagsOpenClose, flagsReset, flagsRare, flagsInvalid = 0, 0.3, 0.5, 0.7, 1
	classTCP, classUDP, classICMP, classOther                      = 0.2, 0.4, 0.6, 1
	connAnswered, connResetLater, connUnanswered, connRefused      = 0, 0.2, 0.5, 1
)

var flagClasses = []Class{
	{flagsData, "data flags", "the TCP flags are those of a data packet, ACK or PSH+ACK"},
	{flagsOpenClose, "SYN/FIN", "the TCP flags open or close a connection"},
	{flagsReset, "RST", "the packet resets the connection"},
	{flagsRare, "rare flags", "the TCP flags are a rare combination, URG or RST with PSH"},
	{flagsInvalid, "invalid flags", "the TCP flags are a combination that no regular connection uses"},
}

var protoClasses = []Class{
	{classTCP, "TCP", "the protocol is TCP"},
	{classUDP, "UDP", "the protocol is UDP"},
	{classICMP, "ICMP", "the protocol is ICMP"},
	{classOther, "another protocol", "the protocol is not TCP, UDP or ICMP"},
}

var stateClasses = []Class{
	{connAnswered, "answered", "the connection has been answered"},
	{connResetLater, "reset later", "the connection was reset after more than three packets"},
	{connUnanswered, "not answered yet", "the connection has not been answered so far"},
	{connRefused, "refused", "the connection was refused, that is, reset within three packets"},
}
