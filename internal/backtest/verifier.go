package backtest

import (
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/models"
)

// verifier waits for versions of one alert. A version is known by its count: whatever
// changes an alert counts a packet too. The engine publishes some of them by what
// happens, and others because it has nothing else to do; to see any of them, the verifier
// asks after every packet, which changes nothing of what comes.
type verifier struct {
	id      string
	wanted  map[uint64]*models.Alert // by count; nil until it has come
	most    uint64                   // highest of these
	since   models.Timestamp         // when the alert began
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

// more reports whether there is anything left to wait for.
func (w *verifier) more() bool { return !w.over }
