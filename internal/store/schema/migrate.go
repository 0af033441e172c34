package schema

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// applicationID marks a file as NetLyra's (PRAGMA application_id): "NLyr".
const applicationID = 0x4e4c7972

// Migration is one run of Migrate: the database and what repairs of rows need.
type Migration struct {
	DB  *dbfile.DB
	Log *slog.Logger
	Now func() time.Time // wall clock
}

// repairs are what a step does to rows after its statements, by the version that it
// leads from.
var repairs = map[int]func(*gorm.DB, Migration) error{3: repairRowTimes}

// Version returns the schema version that this program writes.
func Version() int { return len(migrations) }

// Migrate brings the file to the present schema, each step in a transaction. A file of
// another program, or of a newer schema version, is an error.
func (m Migration) Migrate(ctx context.Context) error {
	for {
		done := false
		err := m.DB.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
			done, err = m.step(tx)
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

// step migrates the file by one version, or reports that it has the present one.
func (m Migration) step(tx *gorm.DB) (done bool, err error) {
	path := m.DB.Path()
	var version, owner, tables int
	err = cmp.Or(
		tx.Raw("PRAGMA user_version").Scan(&version).Error,
		tx.Raw("PRAGMA application_id").Scan(&owner).Error,
		tx.Raw("SELECT count(*) FROM sqlite_master").Scan(&tables).Error)
	if err == nil {
		err = checkVersion(path, version, owner, tables)
	}
	if err != nil || version == Version() {
		return err == nil, err
	}
	for _, stmt := range migrations[version] {
		if err := tx.Exec(stmt).Error; err != nil {
			return false, fmt.Errorf("migrate %s to schema version %d: %w", path, version+1, err)
		}
	}
	if repair := repairs[version]; repair != nil {
		if err := repair(tx, m); err != nil {
			return false, fmt.Errorf("migrate %s to schema version %d: %w", path, version+1, err)
		}
	}
	return false, cmp.Or(
		tx.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)).Error,
		tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version+1)).Error)
}

// FileVersion returns the schema version of a file of NetLyra, 0 for an empty one. A
// file of another program, or of a newer schema version, is an error.
func FileVersion(ctx context.Context, db *sql.DB, path string) (int, error) {
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
	case version > Version():
		return fmt.Errorf("%s has schema version %d, but this netlyra supports versions up to %d: use the newer netlyra that wrote it, or set DB_PATH to another file", path, version, Version())
	}
	return nil
}
