package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/schema"
)

// Probe reports whether Open would succeed and rows could be written, without changing
// the file. A file that does not exist is no error if it can be created. Errors are those
// of Open.
func Probe(ctx context.Context, cfg Config) error {
	if _, err := os.Stat(cfg.Path); errors.Is(err, fs.ErrNotExist) {
		return canCreate(cfg.Path)
	}
	q := url.Values{"mode": {"rw"}, "_busy_timeout": {fmt.Sprint(min(cfg.BusyTimeout, 2*time.Second).Milliseconds())}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: cfg.Path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return dbfile.Explain(cfg.Path, err)
	}
	db.SetMaxOpenConns(1)
	return dbfile.Explain(cfg.Path, errors.Join(probe(ctx, db, cfg.Path), db.Close()))
}

func probe(ctx context.Context, db *sql.DB, path string) error {
	if _, err := schema.FileVersion(ctx, db, path); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil) // takes the write lock
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "CREATE TABLE netlyra_probe (x)"); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Rollback()
}

// canCreate reports whether the file could be created, by creating a temporary file in
// the nearest existing directory.
func canCreate(path string) error {
	dir := filepath.Dir(path)
	for {
		st, err := os.Stat(dir)
		if err == nil && !st.IsDir() {
			return fmt.Errorf("directory of the database: %s is a file (set DB_PATH)", dir)
		}
		if err == nil {
			break
		}
		if up := filepath.Dir(dir); !errors.Is(err, fs.ErrNotExist) || up == dir {
			return fmt.Errorf("directory of the database: %w (set DB_PATH)", err)
		} else {
			dir = up
		}
	}
	f, err := os.CreateTemp(dir, ".netlyra-probe-*")
	if err != nil {
		return fmt.Errorf("directory of the database: %w (set DB_PATH)", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
