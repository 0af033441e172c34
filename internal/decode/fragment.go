package decode

import "github.com/netlyra/netlyra/internal/models"

// piece is one fragment of an IP datagram.
type piece struct {
	data   []byte // captured part
	size   int    // from the header
	offset int    // in bytes
	more   bool   // not the last fragment
	v6     bool
	id     uint32
	next   byte // protocol of the datagram
	header int  // length of the IP header, without the fragment header of IPv6
}

// maxDatagram is the largest payload of an IP datagram.
const maxDatagram = 65535

// fragment stores the piece of layer l, or decodes the datagram if that is now complete. Of a
// datagram that the capture truncated only the first fragment is used: it has the transport
// header and is decoded alone.
func (d *Decoder) fragment(l *models.Layer, f piece) Reason {
	if len(f.data) < f.size {
		if f.offset != 0 {
			return FragmentTruncated
		}
		return d.upperFragment(l, f)
	}
	if f.size == 0 || f.offset+f.size > maxDatagram {
		return FragmentBad
	}
	key := fragmentKey{l.Src, l.Dst, f.id}
	g := d.frags.add(key, f, d.ts, &d.events)
	if g == nil {
		return FragmentHeld
	}
	outermost := d.p.N == 0
	if outermost {
		g.wire += d.wireLen
	}
	if !g.complete() {
		return FragmentHeld
	}
	if outermost {
		d.wireLen = g.wire
	}
	d.events.datagrams.Add(1)
	d.frags.take(g)
	return d.joined(l, g.next, g.buf[:g.total], g.total, g.header)
}

// upperFragment decodes a first fragment alone. A UDP header has the length of the complete
// datagram.
func (d *Decoder) upperFragment(l *models.Layer, f piece) Reason {
	if f.v6 {
		return d.extensions(l, f.next, f.data, f.size, f.header)
	}
	r := d.upper(l, f.next, f.data, f.size)
	if l.Proto == models.ProtoUDP && !l.Truncated {
		if n := uint32(be16(f.data[4:])); n > udpHeaderLen {
			l.PayloadLen = max(l.PayloadLen, n-udpHeaderLen)
		}
	}
	return r
}
