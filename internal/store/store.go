package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/fsguard"
)

// Store is the open database.
type Store struct {
	cfg     Config
	log     *slog.Logger
	write   *gorm.DB // one connection
	read    *gorm.DB // cfg.Readers connections
	sqlW    *sql.DB
	sqlR    *sql.DB
	alert   *upsert
	conn    *upsert
	swapped *upsert          // of connections whose roles were swapped
	now     func() time.Time // wall clock; rows' age is measured by it
	lock    *fsguard.Lock    // keeps other processes off the file
	reg     prometheus.Registerer
	rows    rowTimes // what retention found out last
}

// Option sets what has a default.
type Option func(*Store)

// WithLogger sets the logger; the default is slog.Default.
func WithLogger(l *slog.Logger) Option { return func(s *Store) { s.log = l } }

// WithClock sets the wall clock, for tests.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// WithRegisterer has the store show its metrics there.
func WithRegisterer(reg prometheus.Registerer) Option { return func(s *Store) { s.reg = reg } }

// Open opens or makes the database for this process alone, and brings it to the present
// schema. It waits up to cfg.OpenTimeout for a lock that a program holds which is no
// NetLyra. Errors wrap ErrInUse, ErrLocked, ErrCorrupt, ErrFull or ErrReadOnly where that
// is the reason, and say what to do. Files and directories that it makes are for this user
// alone; existing ones that other users can use are named in the log.
func Open(ctx context.Context, cfg Config, opts ...Option) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := newStore(cfg, opts)
	if err := s.take(); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		_ = s.closeAll() // the first error is the one to tell
		return nil, explain(cfg.Path, err)
	}
	return s, nil
}

func newStore(cfg Config, opts []Option) *Store {
	s := &Store{cfg: cfg, log: slog.Default(), now: time.Now}
	for _, o := range opts {
		o(s)
	}
	return s
}

func (s *Store) open(ctx context.Context) (err error) {
	err = s.untilUnlocked(ctx, func() error {
		if s.sqlW != nil {
			_ = s.sqlW.Close() // of the try before
		}
		if s.sqlW, s.write, err = dial(s.cfg, writing, 1); err != nil {
			return err
		}
		return s.migrate(ctx)
	})
	if err != nil {
		return err
	}
	if s.sqlR, s.read, err = dial(s.cfg, reading, s.cfg.Readers); err != nil {
		return err
	}
	if err := s.check(ctx); err != nil {
		return err
	}
	if s.alert, err = newUpsert(ctx, s.sqlW, alertTable); err != nil {
		return err
	}
	if s.conn, err = newUpsert(ctx, s.sqlW, connectionTable); err != nil {
		return err
	}
	if s.swapped, err = newUpsert(ctx, s.sqlW, swappedTable); err != nil {
		return err
	}
	// A longer log is copied back into the file less often, and pages that many
	// transactions touch (the indexes of addresses) are copied once for all of them; at
	// 64 MB that holds up the next row for some tenths of a second.
	_, err = s.sqlW.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864")
	if err != nil {
		return err
	}
	fsguard.Warn(s.log, Paths(s.cfg.Path)...)
	return s.register()
}

// untilUnlocked runs fn until it does not fail for a lock, at most cfg.OpenTimeout.
func (s *Store) untilUnlocked(ctx context.Context, fn func() error) error {
	deadline := time.NewTimer(s.cfg.OpenTimeout)
	defer deadline.Stop()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := explain(s.cfg.Path, fn())
		if !errors.Is(err, ErrLocked) {
			return err
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-deadline.C:
			again.Stop()
			return err
		case <-ctx.Done():
			again.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

// check looks for damage, for as long as the configuration allows.
func (s *Store) check(ctx context.Context) error {
	if s.cfg.CheckFor == 0 {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, s.cfg.CheckFor)
	defer cancel()
	var verdict string
	err := s.sqlR.QueryRowContext(short, "PRAGMA quick_check(1)").Scan(&verdict)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case short.Err() != nil:
		s.log.Debug("database is too large to be checked at start", "file", s.cfg.Path, "after", s.cfg.CheckFor)
		return nil
	case err != nil:
		return err
	case verdict != "ok":
		return corrupt(s.cfg.Path, errors.New(verdict))
	}
	return nil
}

// Close writes what is in the log into the file and closes it.
func (s *Store) Close() error {
	if s.sqlW != nil {
		// Best effort: a reader of another program may hold the log open.
		_, _ = s.sqlW.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return explain(s.cfg.Path, s.closeAll())
}

func (s *Store) closeAll() error {
	var errs []error
	for _, u := range []*upsert{s.alert, s.conn, s.swapped} {
		if u != nil {
			errs = append(errs, u.close())
		}
	}
	for _, db := range []*sql.DB{s.sqlR, s.sqlW} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil { // last: until here the file is in use
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Path is the file.
func (s *Store) Path() string { return s.cfg.Path }
