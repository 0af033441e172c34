package wire_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// query is a DNS query.
var query = models.PacketMeta{
	TS:  models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 500_000_000, time.UTC)),
	Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.53"),
	SrcPort: 40000, DstPort: 53, Proto: models.ProtoUDP, PayloadLen: 31, Entropy: 412,
}

func ExampleAppendPacket() {
	fmt.Printf("%s\n", wire.AppendPacket(nil, &query))
	// Output:
	// {"ts":"2026-01-29T12:00:00.5Z","src_ip":"192.0.2.1","dst_ip":"192.0.2.53","src_port":40000,"dst_port":53,"proto":"UDP","payload_len":31,"entropy":4.12}
}

func ExampleParsePacket() {
	var m models.PacketMeta
	err := wire.ParsePacket([]byte(`{"ts":"2026-01-29T13:00:00+01:00", "src_ip":"::1", "dst_ip":"::2", "proto":"tcp", "dst_port":443}`), &m)
	fmt.Println(m.TS, m.Src, m.Dst, m.Proto, m.DstPort, err)
	fmt.Println(wire.ParsePacket([]byte(`{"ts":"2026-01-29T12:00:00Z"}`), &m))
	// Output:
	// 2026-01-29T12:00:00Z ::1 ::2 TCP 443 <nil>
	// packet: no src_ip, dst_ip, proto
}

func ExampleAppendConnection() {
	b := wire.AppendConnection(nil, &models.Connection{ID: "C0000000001A", Proto: "UDP", State: "SF"})
	var c models.Connection
	err := wire.ParseConnection(b, &c)
	fmt.Println(c.ID, c.Proto, c.State, err)
	// Output: C0000000001A UDP SF <nil>
}

func ExamplePackedEncoder() {
	var e wire.PackedEncoder
	e.Append(&query)
	answer := query
	answer.Src, answer.Dst, answer.SrcPort, answer.DstPort = query.Dst, query.Src, query.DstPort, query.SrcPort
	e.Append(&answer)
	batch := e.AppendTo(nil)
	err := wire.DecodePacked(batch, func(m *models.PacketMeta) error {
		fmt.Println(m.Src, m.SrcPort, m.Dst, m.DstPort)
		return nil
	})
	fmt.Println(e.Len(), err)
	// Output:
	// 192.0.2.1 40000 192.0.2.53 53
	// 192.0.2.53 53 192.0.2.1 40000
	// 2 <nil>
}

func ExamplePartitionOf() {
	key := wire.AppendKey(nil, &query)
	fmt.Println(string(key), wire.PartitionOf(key, 12))
	// Output: 192.0.2.1 7
}

func ExampleAppendSequence() {
	header := wire.AppendSequence(nil, models.Sequence{Producer: 7, Number: 3, Order: 12, Epoch: models.NewEpoch(4, 0)})
	s := wire.ParseSequence(header)
	fmt.Println(len(header), s.Producer, s.Number, s.Order, s.Epoch.Partitions())
	// Output: 32 7 3 12 4
}
