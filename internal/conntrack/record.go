package conntrack

import "github.com/netlyra/netlyra/internal/models"

// record fills out with the public form of a connection.
func (t *Table) record(ref uint32, c *conn, out *models.Connection) {
	k := t.slab.coldOf(ref)
	*out = models.Connection{
		ID: c.id.String(), TS: models.Timestamp(c.first), LastTS: models.Timestamp(max(c.last, c.first)),
		SrcIP: c.origAddr().String(), SrcPort: c.origPort(), DstIP: c.respAddr().String(), DstPort: c.respPort(),
		Proto: c.key.Proto.String(), State: stateNames[t.connState(ref, c)], Phase: phases.StateName(c.phase),
		History:     t.historyOf(ref, c),
		OrigPackets: c.packets[orig], OrigIPBytes: c.ipBytes[orig],
		RespPackets: c.packets[resp], RespIPBytes: c.ipBytes[resp],
		Parent: k.parent.String(), VLAN: k.vlan, InnerVLAN: k.inner,
		Community: c.key.Community(),
	}
	if k.tunnel != 0 {
		out.Tunnel = k.tunnel.String()
	}
	out.Service = k.service.ID.String()
	if k.heard != 0 {
		h := &t.names.all[k.heard-1]
		out.SNI, out.JA4 = h.sni, h.ja4
	}
	if k.rare != 0 {
		out.MissedBytes = t.rares.at(k.rare).missed
	}
	out.OrigBytes, out.RespBytes = c.bytes[orig], c.bytes[resp]
	if c.key.Proto == models.ProtoTCP {
		out.OrigBytes, out.RespBytes = c.size(orig), c.size(resp)
	}
	// In whole microseconds, as in most captures and in Zeek.
	if us := floorMicros(c.last) - floorMicros(c.first); us > 0 {
		out.Duration = float64(us) / 1e6
	}
}

func floorMicros(ns int64) int64 {
	us := ns / microsecond
	if ns%microsecond < 0 {
		us--
	}
	return us
}
