package engine

import (
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// TestStormIsOneAlert lets thousands of hosts send invalid packets within half a second, as a
// worm would, and expects a limited number of alerts, one of which covers all other hosts.
func TestStormIsOneAlert(t *testing.T) {
	alerts := map[string]models.Alert{}
	p, err := NewPipeline(DefaultConfig(), 0, func(a *models.Alert) { alerts[a.ID] = *a })
	if err != nil {
		t.Fatal(err)
	}
	m := models.PacketMeta{
		DstPort: 443, Proto: models.ProtoTCP, Dir: models.DirOrig,
		IPLen: 40, WireLen: 54, TTL: 64,
	}
	const hosts = 4000
	for round := range 10 {
		for i := range hosts {
			m.TS = models.Timestamp(1e18) + models.Timestamp(round)*5e7 + models.Timestamp(i)*1e4
			m.Src = netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
			m.Dst = netip.AddrFrom4([4]byte{198, 18, 0, byte(i)})
			m.SrcPort, m.Flags, m.Conn = uint16(20000+i), models.FlagSYN|models.FlagFIN, models.ConnID(i+1)
			p.Packet(&m)
		}
	}
	p.Flush()
	if n := len(alerts); n > stormRoom+1 {
		t.Errorf("%d alerts within half a second, want at most %v", n, stormRoom+1)
	}
	shared := map[string]bool{}
	for g := range features.Behaviors {
		for _, a := range alerts {
			if a.ID == alertID(stormKey, g, a.TS) {
				shared[a.ID] = true
			}
		}
	}
	if len(shared) != 1 {
		t.Errorf("%d of %d alerts stand for many hosts, want 1", len(shared), len(alerts))
	}
}

func TestStormBucketFillsInEventTime(t *testing.T) {
	s, began := newStorm(), 0
	for ts := models.Timestamp(1); ts < 3600e9; ts += 1e8 {
		if s.allow(ts) {
			began++
		}
	}
	if want := int(stormRoom + 3600e9/stormEvery); began < want-1 || began > want+1 {
		t.Errorf("%d alerts allowed in an hour, want %d", began, want)
	}
	if s.allow(1) {
		t.Error("a clock that went backwards refilled the bucket")
	}
}
