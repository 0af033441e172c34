package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
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
}

// Option sets what has a default.
type Option func(*Store)

// WithLogger sets the logger; the default is slog.Default.
func WithLogger(l *slog.Logger) Option { return func(s *Store) { s.log = l } }

// WithClock sets the wall clock, for tests.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// Open opens or makes the database and brings it to the present schema. It waits up
// to cfg.OpenTimeout for another program's lock. Errors wrap ErrLocked, ErrCorrupt,
// ErrFull or ErrReadOnly where that is the reason, and say what to do.
func Open(ctx context.Context, cfg Config, opts ...Option) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o755); err != nil {
		return nil, fmt.Errorf("directory of the database: %w (set DB_PATH)", err)
	}
	s := &Store{cfg: cfg, log: slog.Default(), now: time.Now}
	for _, o := range opts {
		o(s)
	}
	if err := s.open(ctx); err != nil {
		_ = s.closeAll() // the first error is the one to tell
		return nil, explain(cfg.Path, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	err = s.untilUnlocked(ctx, func() error {
		if s.sqlW != nil {
			_ = s.sqlW.Close() // of the try before
		}
		if s.sqlW, s.write, err = dial(s.cfg, "rwc", 1); err != nil {
			return err
		}
		return migrate(s.write.WithContext(ctx), s.cfg.Path)
	})
	if err != nil {
		return err
	}
	if s.sqlR, s.read, err = dial(s.cfg, "rw", s.cfg.Readers); err != nil {
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
	return err
}

// dial opens a pool of n connections to the file.
func dial(cfg Config, mode string, n int) (*sql.DB, *gorm.DB, error) {
	q := url.Values{
		"mode":          {mode},
		"_auto_vacuum":  {"incremental"},
		"_journal_mode": {"WAL"},
		"_busy_timeout": {fmt.Sprint(cfg.BusyTimeout.Milliseconds())},
		"_synchronous":  {cfg.Synchronous},
		"_foreign_keys": {"on"},
		"_cache_size":   {"-32768"}, // KiB
		"_mutex":        {"no"},     // database/sql gives a connection to one goroutine at a time
	}
	if n == 1 {
		q.Set("_txlock", "immediate") // take the lock when a transaction begins, not in its middle
	} else {
		q.Set("_query_only", "on")
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: cfg.Path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	g, err := gorm.Open(&sqlite.Dialector{Conn: db}, &gorm.Config{
		Logger:                 logger.Discard, // errors are returned, and logged once by who handles them
		SkipDefaultTransaction: true,
		TranslateError:         false,
		DisableAutomaticPing:   true,
	})
	return db, g, err
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
	return errors.Join(errs...)
}

// Path is the file.
func (s *Store) Path() string { return s.cfg.Path }
