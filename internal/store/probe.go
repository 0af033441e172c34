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
)

// Probe tells whether Open would succeed on the file and its rows could be written,
// and changes nothing: no schema, no journal mode, no row. A file that is not there is
// fine where it could be made. Errors are those of Open.
func Probe(ctx context.Context, cfg Config) error {
	if _, err := os.Stat(cfg.Path); errors.Is(err, fs.ErrNotExist) {
		return canMake(cfg.Path)
	}
	q := url.Values{"mode": {"rw"}, "_busy_timeout": {fmt.Sprint(min(cfg.BusyTimeout, 2*time.Second).Milliseconds())}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: cfg.Path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return explain(cfg.Path, err)
	}
	db.SetMaxOpenConns(1)
	return explain(cfg.Path, errors.Join(probe(ctx, db, cfg.Path), db.Close()))
}

func probe(ctx context.Context, db *sql.DB, path string) error {
	if _, err := fileVersion(ctx, db, path); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil) // takes the lock for writing
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "CREATE TABLE netlyra_probe (x)"); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Rollback()
}

// fileVersion is the schema version of a file that is NetLyra's, 0 of an empty one. A
// file of another program or of a newer version is an error.
func fileVersion(ctx context.Context, db *sql.DB, path string) (int, error) {
	var version, owner, tables int
	for query, to := range map[string]*int{"PRAGMA user_version": &version, "PRAGMA application_id": &owner, "SELECT count(*) FROM sqlite_master": &tables} {
		if err := db.QueryRowContext(ctx, query).Scan(to); err != nil {
			return 0, err
		}
	}
	return version, checkVersion(path, version, owner, tables)
}

func checkVersion(path string, version, owner, tables int) error {
	switch {
	case owner != applicationID && (tables > 0 || owner != 0):
		return fmt.Errorf("%s is a database of another program: set DB_PATH to another file", path)
	case version > schemaVersion():
		return fmt.Errorf("%s has schema version %d, this netlyra knows up to %d: use the newer netlyra that wrote it, or set DB_PATH to another file", path, version, schemaVersion())
	}
	return nil
}

// canMake looks whether a file could be made, in the nearest directory that is there.
func canMake(path string) error {
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
