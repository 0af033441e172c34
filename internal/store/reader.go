package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/schema"
)

// readableFrom is the oldest schema version whose rows can be read without a migration.
const readableFrom = 2

// Reader reads a database that another process may have open for writing. It takes no
// lock, changes nothing and does not migrate. Its methods may be called from any
// goroutine.
type Reader struct{ s *Store }

// OpenReader opens an existing database for reading. Errors are those of Open, without
// dbfile.ErrInUse. A file that does not exist, or that must be migrated first, is an
// error.
func OpenReader(ctx context.Context, cfg Config, opts ...Option) (*Reader, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(cfg.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: database does not exist: set DB_PATH to the file that netlyra core or up writes: %w", cfg.Path, err)
	}
	s := newStore(opts)
	var err error
	s.db, err = dbfile.OpenReadOnly(ctx, cfg.file(), s.log, func(db *dbfile.DB) error {
		version, err := schema.FileVersion(ctx, db.ReadSQL, cfg.Path)
		if err == nil && version < readableFrom {
			err = fmt.Errorf("%s has schema version %d: start netlyra core or up once to migrate it to version %d", cfg.Path, version, schema.Version())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Reader{s}, nil
}

// Alert is Store.Alert.
func (r *Reader) Alert(ctx context.Context, id string) (models.AlertDetail, error) {
	return r.s.Alert(ctx, id)
}

// Close closes the file.
func (r *Reader) Close() error { return r.s.db.Close() }
