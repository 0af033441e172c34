package store

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/retention"
	"github.com/netlyra/netlyra/internal/store/schema"
)

// Store is the open database.
type Store struct {
	*retention.Retention // Run, Retain, Health
	db                   *dbfile.DB
	log                  *slog.Logger
	now                  func() time.Time // wall clock, for row times
	reg                  prometheus.Registerer
	alert                *upsert
	conn                 *upsert
	swapped              *upsert // of connections whose roles were swapped
}

// Option changes a default of Open or OpenReader.
type Option func(*Store)

// WithLogger sets the logger; the default is slog.Default.
func WithLogger(l *slog.Logger) Option { return func(s *Store) { s.log = l } }

// WithClock sets the wall clock, for tests.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// WithRegisterer registers the store's metrics with reg.
func WithRegisterer(reg prometheus.Registerer) Option { return func(s *Store) { s.reg = reg } }

// Open opens or creates the database for this process only and migrates it to the present
// schema. While another program holds a lock of SQLite it retries for cfg.OpenTimeout.
// Errors wrap dbfile.ErrInUse, ErrLocked, ErrCorrupt, ErrFull or ErrReadOnly if that is
// the reason, and say what to do. New files and directories are accessible to this user
// only; existing ones with wider permissions are logged.
func Open(ctx context.Context, cfg Config, opts ...Option) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := newStore(opts)
	var err error
	s.db, err = dbfile.Open(ctx, cfg.file(), s.log, func(db *dbfile.DB) error {
		return schema.Migration{DB: db, Log: s.log, Now: s.now}.Migrate(ctx)
	})
	if err != nil {
		return nil, err
	}
	s.Retention = retention.New(s.db, cfg.retention(), s.log, s.now)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(s.db.Explain(err), s.Close())
	}
	return s, nil
}

func newStore(opts []Option) *Store {
	s := &Store{log: slog.Default(), now: time.Now}
	for _, o := range opts {
		o(s)
	}
	return s
}

// prepare prepares the statements and registers the metrics.
func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		to    **upsert
		table target
	}{{&s.alert, alertTable}, {&s.conn, connectionTable}, {&s.swapped, swappedTable}} {
		u, err := newUpsert(ctx, s.db.WriteSQL, p.table)
		if err != nil {
			return err
		}
		*p.to = u
	}
	if s.reg == nil {
		return nil
	}
	return s.reg.Register(s.Retention)
}

// Close moves the write-ahead log into the file and closes it.
func (s *Store) Close() error {
	var err error
	for _, u := range []*upsert{s.alert, s.conn, s.swapped} {
		if u != nil {
			err = cmp.Or(err, u.close())
		}
	}
	return errors.Join(err, s.db.Close())
}

// Path returns the path of the file.
func (s *Store) Path() string { return s.db.Path() }

// stamp returns the present time as a row time.
func (s *Store) stamp() models.Timestamp { return models.TimestampOf(s.now()) }
