package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/netlyra/netlyra/internal/models"
)

// readableFrom is the oldest schema version whose rows this program reads as they are.
const readableFrom = 2

// Reader reads the database that another process may have open for writing. It takes no
// lock of the file's, changes nothing, and does not migrate. Its methods may be called
// from any goroutine.
type Reader struct{ s *Store }

// OpenReader opens the database to read it. Errors are those of Open, without ErrInUse; a
// file that is not there, or that this program must migrate first, is an error too.
func OpenReader(ctx context.Context, cfg Config, opts ...Option) (*Reader, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(cfg.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no database: set DB_PATH to the file that netlyra core or up writes: %w", cfg.Path, err)
	}
	s := newStore(cfg, opts)
	err := s.untilUnlocked(ctx, func() (err error) {
		_ = s.closeAll() // of the try before
		if s.sqlR, s.read, err = dial(cfg, readingAlone, cfg.Readers); err != nil {
			return err
		}
		version, err := fileVersion(ctx, s.sqlR, cfg.Path)
		if err == nil && version < readableFrom {
			err = fmt.Errorf("%s has schema version %d: start netlyra core or up on it once, which brings it to version %d", cfg.Path, version, schemaVersion())
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(explain(cfg.Path, err), s.closeAll())
	}
	return &Reader{s}, nil
}

// Alert is as Store.Alert.
func (r *Reader) Alert(ctx context.Context, id string) (models.AlertDetail, error) {
	return r.s.Alert(ctx, id)
}

// Close closes the file.
func (r *Reader) Close() error { return r.s.closeAll() }
