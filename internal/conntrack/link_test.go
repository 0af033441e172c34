package conntrack

import (
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestLinkMessagesHaveNoConnection: they are counted, also by protocol, and advance the clock,
// but have no connection and no share in the hosts with the most bytes.
func TestLinkMessagesHaveNoConnection(t *testing.T) {
	table := New(DefaultConfig(), nil)
	udp := func(ts models.Timestamp) *models.Packet {
		p := &models.Packet{N: 1}
		p.Meta.TS, p.Meta.WireLen = ts, 60
		p.Layers[0] = models.Layer{Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), SrcPort: 50000, DstPort: 4789, Proto: models.ProtoUDP, IPLen: 46, PayloadLen: 18}
		return p
	}
	carried := udp(2)
	carried.N = 2
	carried.Layers[1] = models.Layer{Src: netip.MustParseAddr("10.0.0.3"), Dst: netip.MustParseAddr("10.0.0.4"), SrcPort: 1, Proto: models.ProtoARP}
	bridge := &models.Packet{N: 1}
	bridge.Meta.TS, bridge.Meta.WireLen, bridge.Meta.Conn = 3, 60, 7
	bridge.Layers[0] = models.Layer{Proto: models.ProtoSTP}
	for _, p := range []*models.Packet{udp(1), carried, bridge} {
		table.Track(p)
		if link := p.Inner().Proto.IsLink(); link == (p.Meta.Conn != 0) || link == (p.Meta.Dir != models.DirUnknown) {
			t.Errorf("%v: connection %v, direction %d", p.Inner().Proto, p.Meta.Conn, p.Meta.Dir)
		}
	}
	if carried.Layers[0].Conn == 0 || table.Len() != 1 {
		t.Errorf("the outer packet has the connection %v; %d connections", carried.Layers[0].Conn, table.Len())
	}
	if s := table.Stats(); s.Packets != 3 || s.Layers != 2 {
		t.Errorf("%+v", s)
	}
	var traffic models.Traffic
	table.Traffic(&traffic)
	if p := traffic.Protocols; p["ARP"] != 60 || p["STP"] != 60 || p["UDP"] != 60 || traffic.EventTS != 3 {
		t.Errorf("%+v", traffic)
	}
	for _, talker := range traffic.Talkers {
		if talker.Bytes != 60 {
			t.Errorf("%+v", talker)
		}
	}
	late := &models.Packet{N: 1}
	late.Meta.TS, late.Layers[0] = models.Timestamp(DefaultConfig().UDPInactivity)*2, bridge.Layers[0]
	if table.Track(late); table.Len() != 0 {
		t.Errorf("%d connections after their time-out", table.Len())
	}
}
