package backtest

import (
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/models"
)

// verifier waits for versions of one alert. The count identifies a version, because every
// change of an alert also counts a packet. The engine publishes some versions on events and
// others when it is idle; to see any of them the verifier calls Announce after every packet,
// which does not affect later alerts.
type verifier struct {
	id      string
	wanted  map[uint64]*models.Alert // by count; nil until it is reproduced
	most    uint64                   // highest wanted count
	since   models.Timestamp         // start of the alert
	packets atomic.Uint64
	over    bool
}

func (w *verifier) emit(a *models.Alert, _ uint64) {
	if a.ID != w.id {
		return
	}
	if _, ok := w.wanted[a.Count]; ok {
		w.wanted[a.Count] = a
	}
	w.over = w.over || a.Count >= w.most
}

func (w *verifier) watch(p *player) {
	p.lane.OnScore(func(m *models.PacketMeta, _ float64, _ bool) {
		w.packets.Add(1)
		if m.TS+disorder >= w.since && !w.over {
			p.lane.Announce()
		}
	})
}

// more reports whether versions are missing.
func (w *verifier) more() bool { return !w.over }
