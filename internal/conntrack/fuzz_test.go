package conntrack

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// fuzzRecord is how many bytes of the input make one packet, before its payload.
const fuzzRecord = 20

// FuzzTrack reads packets from bytes: whatever they are, nothing panics, the bound
// holds, each ended connection is reported once, and the table is empty after Flush.
func FuzzTrack(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x06\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x01\x02\x01\x06\x12\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x00\x01\x02\x11\x00\x00\x35\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0c\x00\x00\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg := DefaultConfig()
		cfg.Connections = 7
		cfg.VerifyChecksums = len(b)%2 == 0
		ended := map[string]int{}
		table := New(cfg, SinkFunc(func(c *models.Connection, ev Event) {
			if ev == EventEnd {
				ended[c.ID+c.TS.String()]++
			}
		}))
		ts := int64(1e18)
		var p models.Packet
		for n := int64(0); len(b) >= fuzzRecord; n++ {
			b = fuzzPacket(&p, b, &ts, n)
			table.Track(&p)
			if table.Len() > cfg.Connections {
				t.Fatalf("%d connections", table.Len())
			}
		}
		table.Flush()
		if s := table.Stats(); s.Begun != s.Ended || table.Len() != 0 || table.wheel.count != 0 || table.index.Used() != 0 || len(table.pending) != 0 {
			t.Fatalf("not empty: %+v", s)
		}
		for id, n := range ended {
			if n != 1 {
				t.Fatalf("%s ended %d times", id, n)
			}
		}
	})
}

// fuzzPacket takes one packet from the front of b. Bit 7 of the first byte jumps in time.
func fuzzPacket(p *models.Packet, b []byte, ts *int64, n int64) []byte {
	step := int64(b[0]&0x3f) * 1e8
	switch b[0] >> 6 {
	case 2:
		step *= 1000
	case 3:
		step = -step
	}
	*ts += step
	p.N = 1
	p.Meta.TS = models.Timestamp(*ts/1000*1000 + n%1000)
	l := &p.Layers[0]
	*l = models.Layer{
		Src: netip.AddrFrom4([4]byte{10, 0, 0, b[1] & 3}), Dst: netip.AddrFrom4([4]byte{10, 0, 0, b[2] & 3}),
		Proto: models.Proto(b[3]), Flags: models.TCPFlags(b[4]), SrcPort: uint16(b[5]), DstPort: uint16(b[6]),
		Window: uint16(b[7] & 1), Seq: binary.BigEndian.Uint32(b[8:]), Ack: binary.BigEndian.Uint32(b[12:]),
		PayloadLen: uint32(binary.BigEndian.Uint16(b[16:])), Bad: models.Checksum(b[18] & 3),
		Truncated: b[18]&0x40 != 0, Fragment: b[18]&0x80 != 0,
	}
	l.IPLen = l.PayloadLen + 40
	size := min(int(b[19]), len(b)-fuzzRecord)
	l.Payload = b[fuzzRecord : fuzzRecord+size]
	l.PayloadLen = max(l.PayloadLen, uint32(size))
	return b[fuzzRecord+size:]
}
