package engine

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestLinkMessages: messages without addresses are scored 0 after the warm-up, teach the
// model nothing and keep the counts of the stage in balance.
func TestLinkMessages(t *testing.T) {
	cfg := DefaultConfig()
	cfg.WarmupPackets = 5
	p, err := NewPipeline(cfg, 0, func(a *models.Alert) { t.Errorf("alert %+v", a) })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		score, scored := p.Packet(&models.PacketMeta{TS: models.Timestamp(i) * 1e9, Proto: models.ProtoARP + models.Proto(i%3)})
		if score != 0 || scored != (i >= 5) {
			t.Errorf("packet %d: score %v, %v", i, score, scored)
		}
	}
	if s := p.Status(); s.Packets != 20 || s.Scored != 15 || s.Passed != 15 || s.Learned != 0 || s.EventTS != 19e9 {
		t.Errorf("%+v", s)
	}
}
