package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/netlyra/netlyra/internal/ledger"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// ledgerService runs the book of all processes: it feeds it their reports and saves it, so that
// it continues after a restart of the core.
type ledgerService struct {
	book    *ledger.Book
	store   ledgerStore
	reports *reports
	log     *slog.Logger
	saved   uint64 // book.Changes at the last save
}

// ledgerStore persists the state of a ledger.
type ledgerStore interface {
	SaveLedger(ctx context.Context, state []byte) error
	// Ledger returns the saved state, nil before the first save.
	Ledger(ctx context.Context) (state []byte, err error)
}

const ledgerSaveEvery = time.Second

// newLedger restores the saved book, or starts an empty one. The reports also go to live.
func (n *node) newLedger(ctx context.Context, store ledgerStore, live func(*models.InstanceStats)) (*ledgerService, error) {
	l := &ledgerService{book: ledger.NewBook(n.cfg.KafkaTopicAlerts, n.cfg.KafkaTopicConnections), store: store, log: n.log}
	l.reports = &reports{client: clientTailer{n.client}, topic: n.cfg.KafkaTopicStats, ledger: l.book.Observe, live: live, log: n.log}
	state, err := store.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	if state != nil {
		saved, err := l.book.Restore(state)
		if err != nil {
			n.log.Warn("cannot restore the saved ledger; starting an empty one", vocabulary.EventLedgerReset.Attr(), "err", err)
		} else {
			l.reports.from = saved.Add(-reportsOverlap)
		}
	}
	return l, n.registry.Register(ledger.NewCollector(l.book.Ledger))
}

// Run updates and saves the book until ctx ends. It is the last stage to stop, so that the
// final reports of the other processes are in the book when it is saved.
func (l *ledgerService) Run(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.reports.Run(ctx)
	}()
	defer func() { <-done }()
	tick := time.NewTicker(ledgerSaveEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.save(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), defaultGrace/2)
			defer cancel()
			l.save(last)
			return nil
		}
	}
}

// save persists the book if it has changed. After an error the next turn tries again.
func (l *ledgerService) save(ctx context.Context) {
	changes := l.book.Changes()
	if changes == l.saved {
		return
	}
	state, err := l.book.State()
	if err == nil {
		err = l.store.SaveLedger(ctx, state)
	}
	if err != nil {
		l.log.Debug("cannot save the ledger; retrying", "err", err)
		return
	}
	l.saved = changes
}

// Ledger returns the current state of all equations.
func (l *ledgerService) Ledger() models.Ledger { return l.book.Ledger() }
