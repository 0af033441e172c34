package link

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

func ip(last byte) netip.Addr       { return netip.AddrFrom4([4]byte{10, 0, 0, last}) }
func mac(last byte) models.MAC      { return models.MAC{2, 0, 0, 0, 0, last} }
func at(s float64) models.Timestamp { return models.Timestamp(1e18) + models.Timestamp(s*1e9) }

// arp returns an ARP message: the sender hw says that src is at it, to dst.
func arp(s float64, op uint8, hw, src, dst byte) *models.PacketMeta {
	return &models.PacketMeta{TS: at(s), Proto: models.ProtoARP, Msg: op, SrcPort: uint16(op), HWAddr: mac(hw), SrcMAC: mac(hw), Src: ip(src), Dst: ip(dst)}
}

// dhcp returns a DHCP message of a client; a server's messages have its address.
func dhcp(s float64, kind uint8, client byte, server byte) *models.PacketMeta {
	m := &models.PacketMeta{TS: at(s), Proto: models.ProtoUDP, Msg: kind, HWAddr: mac(client), Src: netip.IPv4Unspecified(), Dst: netip.AddrFrom4([4]byte{255, 255, 255, 255}), SrcPort: 68, DstPort: 67}
	if server != 0 {
		m.Src, m.SrcPort, m.DstPort = ip(server), 67, 68
	}
	return m
}

// highest feeds packets and returns the highest value of a behavior, and its finding.
func highest(w *Watcher, b features.Behavior, list ...*models.PacketMeta) (best Finding) {
	for _, m := range list {
		for _, f := range w.Observe(m) {
			if f.Behavior == b && f.Value > best.Value {
				best = f
			}
		}
	}
	return best
}

// TestOrdinaryResolution: a request with its reply, an announcement and a repeated request are
// hardly a claim.
func TestOrdinaryResolution(t *testing.T) {
	w := New()
	if f := highest(w, features.Claims, arp(0, 1, 1, 1, 2), arp(0.1, 2, 2, 2, 1), arp(5, 1, 3, 3, 3), arp(60, 1, 1, 1, 2), arp(60.1, 2, 2, 2, 1)); f.Value > 0.5 {
		t.Errorf("%v claims", f.Value)
	}
}

// TestSpoofedReplies: a host that answers for the gateway and for a client has claims from its
// first reply on, under its own address; the true owners have none.
func TestSpoofedReplies(t *testing.T) {
	w := New()
	highest(w, features.Claims, arp(0, 1, 1, 1, 254), arp(0.1, 2, 254, 254, 1), arp(1, 1, 99, 99, 1), arp(1.1, 2, 1, 1, 99))
	f := highest(w, features.Claims, arp(10, 2, 99, 254, 1))
	if f.Value < 4 || f.Src != ip(99) || f.Dst != ip(1) {
		t.Errorf("first reply: %+v", f)
	}
	if f := highest(w, features.Claims, arp(11, 2, 99, 1, 254), arp(12, 2, 99, 254, 1)); f.Value < 8 {
		t.Errorf("three replies: %v claims", f.Value)
	}
	if f := highest(w, features.Claims, arp(13, 1, 2, 2, 254), arp(13.1, 2, 254, 254, 2)); f.Value > 0.5 {
		t.Errorf("the owner answers: %+v", f)
	}
}

// TestAddressMoves: an address that was silent for ten minutes may have a new owner.
func TestAddressMoves(t *testing.T) {
	w := New()
	highest(w, features.Claims, arp(0, 1, 1, 7, 2))
	if f := highest(w, features.Claims, arp(700, 1, 5, 7, 2)); f.Value > 0 {
		t.Errorf("%+v", f)
	}
}

// TestScanByARP counts the addresses that do not answer.
func TestScanByARP(t *testing.T) {
	w := New()
	highest(w, features.Claims, arp(0, 2, 9, 9, 9))
	var list []*models.PacketMeta
	for i := range byte(60) {
		list = append(list, arp(1+float64(i)/20, 1, 9, 9, 100+i))
		if i%3 == 0 {
			list = append(list, arp(1.01+float64(i)/20, 2, 100+i, 100+i, 9))
		}
	}
	if f := highest(w, features.Resolved, list...); f.Value < 33 || f.Value > 42 || f.Src != ip(9) {
		t.Errorf("%+v, want about 37", f)
	}
}

// TestManyLeases counts clients, not their messages.
func TestManyLeases(t *testing.T) {
	w, again := New(), []*models.PacketMeta{}
	for i := range 50 {
		again = append(again, dhcp(float64(i), dhcpDiscover, 1, 0))
	}
	if f := highest(w, features.Leases, again...); f.Value > 1.1 {
		t.Errorf("one client: %+v", f)
	}
	for i := range byte(40) {
		again = append(again, dhcp(60+float64(i)/10, dhcpDiscover, i, 0))
	}
	if f := highest(w, features.Leases, again...); f.Value < 36 || f.Value > 45 {
		t.Errorf("40 clients: %+v", f)
	}
}

// TestSecondServer: a server that begins to answer the clients of another one is found; two
// that answer together from the beginning are not.
func TestSecondServer(t *testing.T) {
	w := New()
	for i := range byte(5) {
		highest(w, features.Servers, dhcp(float64(10*i), dhcpOffer, i, 1))
	}
	if f := highest(w, features.Servers, dhcp(100, dhcpOffer, 9, 66), dhcp(100.1, dhcpOffer, 9, 1)); f.Value != 1 || f.Src != ip(66) {
		t.Errorf("%+v, want the server 10.0.0.66", f)
	}
	w = New()
	for i := range byte(5) {
		if f := highest(w, features.Servers, dhcp(float64(10*i), dhcpOffer, i, 1), dhcp(float64(10*i)+0.1, dhcpOffer, i, 2)); i > 0 && f.Value > 0 {
			t.Errorf("client %d: %+v", i, f)
		}
	}
}

// TestBoundedAndRestored feeds random messages, also without addresses, restores the state and
// expects the same findings as without.
func TestBoundedAndRestored(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	message := func(i int) *models.PacketMeta {
		m := arp(float64(i)/100, uint8(rnd.IntN(4)), byte(rnd.IntN(256)), byte(rnd.IntN(256)), byte(rnd.IntN(256)))
		m.VLAN = uint16(rnd.IntN(3000))
		switch rnd.IntN(6) {
		case 0:
			m.Src = netip.Addr{}
		case 1:
			m.Dst = netip.Addr{}
		case 2:
			m = dhcp(float64(i)/100, uint8(rnd.IntN(9)), byte(rnd.IntN(256)), byte(rnd.IntN(4)))
		case 3:
			m.Proto, m.SrcPort = models.ProtoICMPv6, 136
		}
		return m
	}
	w := New()
	for i := range 30_000 {
		w.Observe(message(i))
	}
	if len(w.bindings.entries) > maxBindings || len(w.senders.entries) > maxSenders || len(w.asked.entries) > maxAsked || len(w.segments.entries) > maxSegments {
		t.Error("a table is larger than its maximum")
	}
	c := state.Writer(nil)
	w.Fields(c)
	again := New()
	r := state.Reader(c.Bytes())
	if again.Fields(r); r.Err() != nil || len(r.Bytes()) > 0 {
		t.Fatalf("%v, %d bytes remain", r.Err(), len(r.Bytes()))
	}
	for i := range 2000 {
		m := message(30_000 + i)
		a, b := w.Observe(m), again.Observe(m)
		if len(a) != len(b) {
			t.Fatalf("message %d: %v and %v", i, a, b)
		}
		for j := range a {
			if a[j].Value != b[j].Value || a[j].Subject != b[j].Subject || a[j].Src != b[j].Src {
				t.Fatalf("message %d: %+v and %+v", i, a[j], b[j])
			}
		}
	}
}
