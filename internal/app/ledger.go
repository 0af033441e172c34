package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/netlyra/netlyra/internal/bus"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// ledger keeps the book of all processes: it reads what they tell of themselves, and
// saves the book so that a restart of the core goes on with it.
type ledger struct {
	book   *obs.Book
	store  ledgerStore
	client *bus.Client
	topic  string // of the reports
	log    *slog.Logger
	from   time.Time // reports before were taken into account; zero: there is nothing before
	saved  uint64    // book.Changes at the last save
}

// ledgerStore keeps the state of a ledger between two runs.
type ledgerStore interface {
	SaveLedger(ctx context.Context, state []byte) error
	Ledger(ctx context.Context) (state []byte, err error)
}

const (
	ledgerSaveEvery = time.Second
	// ledgerOverlap is read again at start: clocks of hosts differ, and what is known
	// already changes nothing.
	ledgerOverlap = 10 * time.Second
)

// newLedger opens the saved book, or begins one.
func (n *node) newLedger(ctx context.Context, store ledgerStore) (*ledger, error) {
	l := &ledger{
		book: obs.NewBook(n.cfg.KafkaTopicAlerts, n.cfg.KafkaTopicConnections), store: store, client: n.client,
		topic: n.cfg.KafkaTopicStats, log: n.log,
	}
	state, err := store.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	if state != nil {
		saved, err := l.book.Restore(state)
		if err != nil {
			n.log.Warn("the ledger begins anew", "err", err)
		} else {
			l.from = saved.Add(-ledgerOverlap)
		}
	}
	return l, n.registry.Register(obs.NewBookCollector(l.book.Ledger))
}

// Run follows the reports until ctx ends. It is the last stage to stop, so that the
// last reports of the others are in the book when it is saved.
func (l *ledger) Run(ctx context.Context) error {
	go l.follow(ctx)
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

// follow reads reports until ctx ends, from where the book was saved.
func (l *ledger) follow(ctx context.Context) {
	for ctx.Err() == nil {
		from := l.from
		l.from = time.Now().Add(-ledgerOverlap)
		err := l.client.Tail(ctx, bus.TailConfig{Topics: []string{l.topic}, From: bus.From{Time: from}}, func(r *models.Record) error {
			var s models.InstanceStats
			if json.Unmarshal(r.Value, &s) == nil { // the next report says the same and more
				l.book.Observe(&s)
			}
			return nil
		})
		if err != nil {
			l.log.Warn("the ledger cannot read what processes report; trying again", "err", err)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
	}
}

// save keeps the book where it has changed. What fails is tried again at the next turn.
func (l *ledger) save(ctx context.Context) {
	changes := l.book.Changes()
	if changes == l.saved {
		return
	}
	state, err := l.book.State()
	if err == nil {
		err = l.store.SaveLedger(ctx, state)
	}
	if err != nil {
		l.log.Debug("the ledger is not saved; trying again", "err", err)
		return
	}
	l.saved = changes
}

// Ledger is the state of all equations now.
func (l *ledger) Ledger() models.Ledger { return l.book.Ledger() }
