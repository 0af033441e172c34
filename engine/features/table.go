package features

import "strconv"

// Group is a set of features that one forest looks at.
type Group uint8

// The groups.
const (
	Packet  Group = iota // this packet
	Conn                 // its connection so far
	Fanout               // the source: whom it talks to, within minutes
	Slow                 // the source: the same over a quarter of an hour
	Volume               // the source: how much
	Target               // the destination: who talks to it
	Pair                 // source, destination and service together
	Service              // the same, against what is usual at that service
	Novelty              // how new the pair was to the network when it began
	Groups
)

// MaxFeatures is the most features that a group has.
const MaxFeatures = 8

var groupNames = [Groups]string{"packet", "connection", "fanout", "slow", "volume", "target", "pair", "service", "novelty"}

// String is the name used in alerts' ids and in the documentation.
func (g Group) String() string { return groupNames[g] }

// Scale is what a group speaks for: how large a thing it looks at.
type Scale uint8

// The scales.
const (
	PacketScale Scale = iota
	ConnScale
	HostScale
	Scales
)

// String is the name used in models.Alert.
func (s Scale) String() string { return [...]string{"packet", "connection", "host"}[s] }

// Scale is the scale that a group speaks for.
func (g Group) Scale() Scale { return Scale(min(uint8(g), uint8(HostScale))) }

// Feature is one row of the table.
type Feature struct {
	Name    string
	Group   Group
	Unit    string
	Horizon string
	Meaning string
	Scaling Scaling
	Typical [2]float64 // 5th and 95th percentile believed before anything was learned
}

const (
	perPacket = "the packet"
	perConn   = "the connection"
	now4      = "half-life 3.75 s"
	minute    = "half-life 60 s"
	quarter   = "half-life 16 min"
	distinct1 = "1 to 2 min"
	distinct2 = "16 to 32 min"
)

// Table has every feature, group by group, in the order of a group's vector.
var Table = []Feature{
	{"payload_len", Packet, "bytes", perPacket, "bytes above the transport header", logs(16, 65535), [2]float64{0, 1460}},
	{"entropy", Packet, "bits/byte", perPacket, "Shannon entropy of the payload", linear(8), [2]float64{0, 7.9}},
	{"flag_oddity", Packet, "0…1", perPacket, "how rarely this set of TCP flags is sent: 0 in data, 0.3 opening or closing, 0.5 reset, 1 nonsense", linear(1), [2]float64{0, 0.5}},
	{"proto_class", Packet, "0…1", perPacket, "0.2 TCP, 0.4 UDP, 0.6 ICMP, 1 others", linear(1), [2]float64{0.15, 0.6}},
	{"service_port", Packet, "port", perPacket, "the responder's port", logs(16, 65535), [2]float64{20, 9000}},
	{"conn_gap", Packet, "s", perPacket, "time since the packet before in the same connection", logs(1e-5, 3600), [2]float64{0, 60}},

	{"conn_packets", Conn, "packets", perConn, "packets so far", logs(1, 1e6), [2]float64{1, 2000}},
	{"conn_bytes_up", Conn, "bytes", perConn, "payload sent by the originator", logs(65536, 1e9), [2]float64{0, 1e5}},
	{"conn_bytes_down", Conn, "bytes", perConn, "payload sent by the responder", logs(64, 1e9), [2]float64{0, 1e6}},
	{"conn_rate", Conn, "packets/s", perConn, "packets over its age, at least a second", logs(0.1, 1e5), [2]float64{0.1, 300}},
	{"conn_size_spread", Conn, "bytes", perConn, "standard deviation of the payload", logs(8, 8192), [2]float64{0, 700}},
	{"conn_entropy", Conn, "bits/byte", perConn, "mean entropy of packets with payload", linear(8), [2]float64{0, 7.9}},
	{"conn_state", Conn, "0…1", perConn, "0 answered, 0.2 reset in the end, 0.5 opened by one side only, 1 refused", linear(1), [2]float64{0, 0.6}},

	{"ports", Fanout, "ports", distinct1, "distinct ports it opened connections to", logs(1, 500), [2]float64{1, 8}},
	{"peers", Fanout, "hosts", distinct1, "distinct hosts it opened connections to", logs(1, 1000), [2]float64{1, 40}},
	{"opened_burst", Fanout, "connections", now4, "connections opened", logs(1, 1000), [2]float64{0, 15}},
	{"opened", Fanout, "connections", minute, "connections opened", logs(1, 5000), [2]float64{1, 80}},
	{"unanswered", Fanout, "connections", minute, "connections opened that were refused or not answered", logs(1, 2000), [2]float64{0, 5}},
	{"unanswered_share", Fanout, "0…1", minute, "share of opened connections that were refused or not answered, drawn to 0 while they are few", linear(1), [2]float64{0, 0.4}},

	{"slow_ports", Slow, "ports", distinct2, "distinct ports it opened connections to", logs(4, 1000), [2]float64{1, 15}},
	{"slow_peers", Slow, "hosts", distinct2, "distinct hosts it opened connections to", logs(16, 1300), [2]float64{1, 120}},
	{"slow_opened", Slow, "connections", quarter, "connections opened", logs(64, 20000), [2]float64{1, 500}},
	{"slow_unanswered", Slow, "connections", quarter, "connections opened that were refused or not answered", logs(4, 10000), [2]float64{0, 20}},
	{"slow_upload", Slow, "bytes", quarter, "payload it sent as originator", logs(1e5, 1e10), [2]float64{200, 1e7}},

	{"packet_rate", Volume, "packets/s", now4, "packets it sent as originator", logs(0.1, 1e5), [2]float64{0.1, 600}},
	{"byte_rate", Volume, "bytes/s", now4, "bytes it sent as originator", logs(16, 1e8), [2]float64{10, 5e5}},
	{"upload_share", Volume, "0…1", minute, "its share of the payload of its connections, drawn to 0 while that is less than a megabyte or so", linear(1), [2]float64{0, 0.4}},
	{"mean_payload", Volume, "bytes", minute, "payload per packet it sent, drawn to 0 while these are few", logs(64, 65535), [2]float64{0, 800}},
	{"small_share", Volume, "0…1", minute, "share of its packets without payload, drawn to 0 while these are few", linear(1), [2]float64{0.02, 0.7}},

	{"sources", Target, "hosts", distinct1, "distinct hosts that opened connections to it", logs(1, 1000), [2]float64{1, 10}},
	{"target_ports", Target, "ports", distinct1, "distinct ports of it that were tried", logs(1, 500), [2]float64{1, 5}},
	{"target_opened_burst", Target, "connections", now4, "connections opened to it", logs(1, 1000), [2]float64{0, 10}},
	{"target_opened", Target, "connections", minute, "connections opened to it", logs(1, 5000), [2]float64{1, 40}},
	{"target_unanswered", Target, "connections", minute, "of these, refused or not answered", logs(1, 2000), [2]float64{0, 4}},
	{"target_packet_rate", Target, "packets/s", now4, "packets sent to it by originators", logs(0.1, 1e5), [2]float64{0.1, 600}},

	{"pair_opened", Pair, "connections", minute, "connections from this source to this service of this destination", logs(1, 1000), [2]float64{1, 15}},
	{"pair_slow_opened", Pair, "connections", quarter, "the same over a longer time", logs(1, 5000), [2]float64{1, 40}},
	{"pair_regularity", Pair, "halvings", "20 connections", "how often the gap between connections can be halved before it is as small as its usual deviation, drawn to 0 while there were few: 1 is chance, 5 clockwork", linear(8), [2]float64{0, 1.6}},
	{"pair_up", Pair, "bytes/connection", quarter, "payload sent per connection", logs(16384, 1e8), [2]float64{30, 1e5}},
	{"pair_down", Pair, "bytes/connection", quarter, "payload received per connection", logs(1024, 1e8), [2]float64{30, 2e6}},
	{"pair_payload_rate", Pair, "bytes/s", minute, "payload in both directions", logs(256, 1e7), [2]float64{1, 5e5}},
	{"pair_sameness", Pair, "halvings", "20 connections", "the same as for the gaps, of what is sent in each connection; drawn to 0 where the gaps are uneven", linear(8), [2]float64{0, 2}},

	{"service_up_size", Service, "deviations", quarter, "payload per packet sent, above what is usual at this service", linear(10), [2]float64{0, 1.8}},
	{"service_up_entropy", Service, "deviations", quarter, "entropy of what is sent, above what is usual at this service", linear(10), [2]float64{0, 1.8}},
	{"service_up", Service, "deviations", minute, "payload sent, above what is usual at this service", linear(10), [2]float64{0, 1.8}},
	{"service_down", Service, "deviations", minute, "payload received, above what is usual at this service", linear(10), [2]float64{0, 1.8}},
	{"service_opened", Service, "deviations", minute, "connections to it, above what is usual at this service", linear(10), [2]float64{0, 1.8}},
	{"service_slow_opened", Service, "deviations", quarter, "connections to it, above what is usual at this service", linear(10), [2]float64{0, 1.8}},

	{"new_pair", Novelty, "bits", quarter, "how seldom two hosts come together at a service for the first time, told of a pair that does; half in ten minutes", linear(12), [2]float64{0, 2}},
	{"new_client", Novelty, "bits", quarter, "how seldom its service gets a new client, told of one", linear(12), [2]float64{0, 2}},
	{"new_source", Novelty, "bits", quarter, "how seldom a host begins to open connections, told of one that does", linear(12), [2]float64{0, 2}},
	{"new_service", Novelty, "bits", quarter, "how seldom a service is used for the first time, told of its first users", linear(12), [2]float64{0, 2}},
}

// span is where the features of a group are in Table.
var span = func() (s [Groups][2]int) {
	for i := len(Table) - 1; i >= 0; i-- {
		g := Table[i].Group
		if s[g][0] = i; s[g][1] == 0 {
			s[g][1] = i + 1
		}
	}
	return s
}()

// Of is the rows of a group.
func Of(g Group) []Feature { return Table[span[g][0]:span[g][1]] }

func short(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
