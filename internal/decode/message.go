package decode

import (
	"github.com/netlyra/netlyra/internal/decode/message"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/names"
)

// arp decodes an ARP or RARP message as a packet from the sender's to the target's protocol
// address, with the opcode in the place of the source port.
func (d *Decoder) arp(b []byte) Reason {
	m, r := message.ReadARP(b)
	if r != message.OK {
		return reasonOf(r)
	}
	l := models.Layer{Src: m.Sender, Dst: m.Target, SrcPort: m.Op, Proto: models.ProtoARP}
	return d.linkMessage(l, m.HW, uint8(min(m.Op, 255)))
}

// bpdu decodes a bridge protocol data unit.
func (d *Decoder) bpdu(b []byte) Reason {
	typ, root, r := message.ReadBPDU(b)
	if r != message.OK {
		return reasonOf(r)
	}
	return d.linkMessage(models.Layer{Proto: models.ProtoSTP}, root, typ)
}

// lldp decodes an LLDP message.
func (d *Decoder) lldp(b []byte) Reason {
	chassis, r := message.ReadLLDP(b)
	if r != message.OK {
		return reasonOf(r)
	}
	return d.linkMessage(models.Layer{Proto: models.ProtoLLDP}, chassis, 0)
}

// linkMessage adds l, a message of the link layer, to the packet.
func (d *Decoder) linkMessage(l models.Layer, hw models.MAC, msg uint8) Reason {
	n := d.p.N
	if n >= models.MaxLayers {
		return TooManyTunnels
	}
	l.VLAN, l.InnerVLAN, l.Tunnel = d.vlan, d.inner, d.tunnel
	d.p.Layers[n] = l
	d.ipLen = 0
	d.add()
	d.p.Meta.HWAddr, d.p.Meta.Msg = hw, msg
	return ok
}

func reasonOf(r message.Result) Reason {
	switch r {
	case message.Short:
		return TruncatedLink
	case message.Other:
		return NotIP
	}
	return BadLinkMessage
}

// linkAddrs are the addresses of a frame; zero if unknown.
type linkAddrs struct{ dst, src models.MAC }

// linkAddrsLen is the length of the addresses of Ethernet.
const linkAddrsLen = 12

// read sets the addresses from the beginning b of an Ethernet header.
func (a *linkAddrs) read(b []byte) {
	a.dst = models.MAC(b)
	a.src = models.MAC(b[6:])
}

// add counts the next element of Layers, which the caller has filled, as part of the packet.
func (d *Decoder) add() {
	d.p.N++
	m := &d.p.Meta
	m.SrcMAC, m.DstMAC = d.macs.src, d.macs.dst
	m.HWAddr, m.Msg = models.MAC{}, 0
	if m.Name.Kind != models.NameNone {
		m.Name = models.NameFacts{}
	}
}

// datagram records the name or the link-layer address in the UDP message of layer l.
func (d *Decoder) datagram(l *models.Layer) {
	m := &d.p.Meta
	switch min(l.SrcPort, l.DstPort) {
	case message.PortDNS, message.PortMDNS, message.PortLLMNR:
		if d.cfg.Names != names.Off {
			name, _ := message.ReadDNS(l.Payload, &m.Name, &d.nameBuf)
			d.cfg.Names.Describe(&m.Name, name)
		}
	case message.PortDHCPServer, message.PortDHCPClient:
		m.HWAddr, m.Msg = message.ReadDHCP(l.Payload)
	case message.PortDHCPv6Client, message.PortDHCPv6Server:
		m.HWAddr, m.Msg = message.ReadDHCPv6(l.Payload)
	}
}

// segment records the name in the TCP segment of layer l.
func (d *Decoder) segment(l *models.Layer) {
	if d.cfg.Names == names.Off {
		return
	}
	m := &d.p.Meta
	name, found := message.ReadHTTP(l.Payload, &m.Name)
	if !found && min(l.SrcPort, l.DstPort) == message.PortDNS {
		name, _ = message.ReadDNSStream(l.Payload, &m.Name, &d.nameBuf)
	}
	d.cfg.Names.Describe(&m.Name, name)
}

// neighbor records the link-layer address that a message of ICMPv6 states.
func (d *Decoder) neighbor(l *models.Layer) {
	if l.SrcPort >= message.RouterSolicitation && l.SrcPort <= message.Redirect {
		d.p.Meta.HWAddr = message.ReadNeighbor(uint8(l.SrcPort), l.Payload)
	}
}
