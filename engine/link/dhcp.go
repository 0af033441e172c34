package link

import (
	"encoding/binary"
	"net/netip"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// DHCP message types (RFC 2132, option 53).
const (
	dhcpDiscover = 1
	dhcpOffer    = 2
	dhcpAck      = 5
)

// dhcp counts the clients that ask for a lease and the servers that answer them.
func (w *Watcher) dhcp(m *models.PacketMeta) {
	port := min(m.SrcPort, m.DstPort)
	if port != 67 || m.HWAddr == (models.MAC{}) {
		return
	}
	key := place(m.VLAN, netip.Addr{})
	seg, _ := w.segments.get(key, m.TS)
	switch m.Msg {
	case dhcpDiscover:
		seg.clients.Try(m.TS, hardware(0, m.HWAddr))
		w.report(features.Leases, seg.clients.Failed(0), key, m.Src, m.Dst, &seg.peak)
	case dhcpOffer, dhcpAck:
		w.offer(m, seg)
	}
}

// offer counts an answer of a server. A server that competes for a client with one that had
// answered alone before is a further one; two servers that always answered together are not.
func (w *Watcher) offer(m *models.PacketMeta, seg *segment) {
	if !m.Src.IsValid() {
		return
	}
	key := place(m.VLAN, m.Src)
	s, fresh := w.senders.get(key, m.TS)
	if fresh || !s.known {
		s.own, s.known = m.Src.As16(), true
	}
	other := w.senders.find(seg.server)
	if seg.client != m.HWAddr || m.TS-seg.offeredAt >= offersApart { // another exchange
		if other != nil && !seg.contested {
			other.alone++
		}
		seg.contested = false
	} else if seg.server != key && other != nil {
		seg.contested = true
		w.compete(m, seg, s, other)
	}
	seg.server, seg.client, seg.offeredAt = key, m.HWAddr, m.TS
}

// aloneBefore is the number of clients that a server must have answered alone before another
// one is a further server.
const aloneBefore = 2

// compete reports the newer of two servers that answered the same client.
func (w *Watcher) compete(m *models.PacketMeta, seg *segment, s, other *sender) {
	newer, elder, src := s, other, m.Src
	if s.alone > other.alone {
		newer, elder, src = other, s, netip.AddrFrom16(other.own).Unmap()
	}
	if elder.alone >= aloneBefore && newer.alone == 0 && newer.rivalTS == 0 {
		newer.rival, newer.rivalTS = 1, m.TS
	}
	if newer.rival > 0 {
		w.report(features.Servers, newer.rival, place(m.VLAN, src), src, m.Dst, &seg.serverPeak)
	}
}

// place identifies an IP address on a VLAN.
func place(vlan uint16, a netip.Addr) uint64 {
	return features.HashAddr(a) ^ uint64(vlan)*0x9e3779b97f4a7c15
}

// hardware identifies a link-layer address on a VLAN.
func hardware(vlan uint16, mac models.MAC) uint64 {
	b := [8]byte{byte(vlan >> 8), byte(vlan)}
	copy(b[2:], mac[:])
	h := binary.BigEndian.Uint64(b[:]) + 0x9e3779b97f4a7c15 // the rest is the finalizer of SplitMix64
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// question identifies who asks for which address.
func question(vlan uint16, from, what netip.Addr) uint64 {
	return place(vlan, from)*0x94d049bb133111eb ^ place(vlan, what)
}
