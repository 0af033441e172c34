package dbfile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/fsguard"
)

// Config describes the file and how it is opened. All values must be set; store.Config
// validates them.
type Config struct {
	Path        string        // the file; its directory is created
	Readers     int           // size of the pool of reading connections
	BusyTimeout time.Duration // how long a statement waits for another program's lock
	OpenTimeout time.Duration // how long opening retries while the file is locked
	Synchronous string        // "normal" or "full"
	CheckFor    time.Duration // longest check for damage on opening; 0 disables it
}

// DB is an open database file.
type DB struct {
	Write, Read       *gorm.DB // Read has Config.Readers connections, Write has one
	WriteSQL, ReadSQL *sql.DB  // the pools beneath Write and Read
	cfg               Config
	log               *slog.Logger
	lock              *fsguard.Lock // nil in a read-only DB
}

// Open opens or creates the file for this process only and runs migrate on its writing
// connection. While another program holds a lock of SQLite it retries, migrate included,
// for cfg.OpenTimeout. Errors wrap ErrInUse, ErrLocked, ErrCorrupt, ErrFull or
// ErrReadOnly if that is the reason, and say what to do. New files and directories are
// accessible to this user only; existing ones with wider permissions are logged.
func Open(ctx context.Context, cfg Config, log *slog.Logger, migrate func(*DB) error) (*DB, error) {
	lock, err := acquire(cfg.Path, log)
	if err != nil {
		return nil, err
	}
	db := &DB{cfg: cfg, log: log, lock: lock}
	if err := db.open(ctx, migrate); err != nil {
		_ = db.close() // the first error is the one to report
		return nil, Explain(cfg.Path, err)
	}
	fsguard.Warn(log, Paths(cfg.Path)...)
	return db, nil
}

// OpenReadOnly opens an existing file that another process may have open for writing,
// and runs check on it. Write and WriteSQL are nil. Errors are those of Open, without
// ErrInUse.
func OpenReadOnly(ctx context.Context, cfg Config, log *slog.Logger, check func(*DB) error) (*DB, error) {
	db := &DB{cfg: cfg, log: log}
	err := db.untilUnlocked(ctx, func() (err error) {
		_ = db.close() // of the previous attempt
		if db.ReadSQL, db.Read, err = dial(cfg, readOnly, cfg.Readers); err != nil {
			return err
		}
		return check(db)
	})
	if err != nil {
		return nil, errors.Join(Explain(cfg.Path, err), db.close())
	}
	return db, nil
}

func (d *DB) open(ctx context.Context, migrate func(*DB) error) (err error) {
	err = d.untilUnlocked(ctx, func() error {
		if d.WriteSQL != nil {
			_ = d.WriteSQL.Close() // of the previous attempt
		}
		if d.WriteSQL, d.Write, err = dial(d.cfg, readWrite, 1); err != nil {
			return err
		}
		return migrate(d)
	})
	if err != nil {
		return err
	}
	if d.ReadSQL, d.Read, err = dial(d.cfg, readOwn, d.cfg.Readers); err != nil {
		return err
	}
	if err := d.check(ctx); err != nil {
		return err
	}
	// With a longer write-ahead log, pages that many transactions change (the indexes of
	// addresses) are copied into the file once for all of them. At 64 MB a copy delays
	// the next row by some tenths of a second.
	_, err = d.WriteSQL.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864")
	return err
}

// untilUnlocked calls fn until it fails for another reason than a lock or succeeds, for
// at most cfg.OpenTimeout.
func (d *DB) untilUnlocked(ctx context.Context, fn func() error) error {
	deadline := time.NewTimer(d.cfg.OpenTimeout)
	defer deadline.Stop()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := Explain(d.cfg.Path, fn())
		if !errors.Is(err, ErrLocked) {
			return err
		}
		retry := time.NewTimer(pause)
		select {
		case <-retry.C:
		case <-deadline.C:
			retry.Stop()
			return err
		case <-ctx.Done():
			retry.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

// check looks for damage, for at most cfg.CheckFor.
func (d *DB) check(ctx context.Context) error {
	if d.cfg.CheckFor == 0 {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, d.cfg.CheckFor)
	defer cancel()
	var result string
	err := d.ReadSQL.QueryRowContext(short, "PRAGMA quick_check(1)").Scan(&result)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case short.Err() != nil:
		d.log.Debug("database check not finished in time", "file", d.cfg.Path, "after", d.cfg.CheckFor)
		return nil
	case err != nil:
		return err
	case result != "ok":
		return corrupt(d.cfg.Path, errors.New(result))
	}
	return nil
}

// Path returns the path of the file.
func (d *DB) Path() string { return d.cfg.Path }

// Explain is the function Explain with the path of the file.
func (d *DB) Explain(err error) error { return Explain(d.cfg.Path, err) }

// QueryError explains the error of a query that ran under ctx. SQLite reports a
// canceled query as interrupted; QueryError returns the error of ctx instead.
func (d *DB) QueryError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%s: query was interrupted: %w", d.cfg.Path, ctx.Err())
	}
	return d.Explain(err)
}

// Close moves the write-ahead log into the file, closes it and releases the lock.
func (d *DB) Close() error {
	if d.WriteSQL != nil {
		// Best effort: a reader in another program may keep the log open.
		_, _ = d.WriteSQL.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return d.Explain(d.close())
}

func (d *DB) close() error {
	var errs []error
	for _, db := range []*sql.DB{d.ReadSQL, d.WriteSQL} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if d.lock != nil { // last, because the file is in use until here
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(errs...)
}
