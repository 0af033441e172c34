package store

import (
	"fmt"
	"testing"

	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// 3.50.2 fixes CVE-2025-6965 (memory corruption by aggregate terms), and 3.51.3 the
// reset of the write-ahead log that could corrupt a database with several connections
// (https://sqlite.org/wal.html#the_wal_reset_bug).
const minSQLite = "3.51.3"

// TestSQLiteHasTheFixes asks the database, not the driver: a build with the tag
// libsqlite3 links the library of the system.
func TestSQLiteHasTheFixes(t *testing.T) {
	s := openStore(t, testConfig(t))
	var version string
	if err := s.db.ReadSQL.QueryRowContext(t.Context(), "select sqlite_version()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if number(t, version) < number(t, minSQLite) {
		t.Errorf("SQLite %s, want at least %s: update github.com/mattn/go-sqlite3", version, minSQLite)
	}
	if got := dbfile.SQLiteVersion(); got != version {
		t.Errorf("dbfile.SQLiteVersion() = %s, the database says %s", got, version)
	}
}

// number is SQLite's own form of a version, SQLITE_VERSION_NUMBER: 3.51.3 is 3051003.
func number(t *testing.T, version string) int {
	t.Helper()
	var major, minor, patch int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("version %q: %v", version, err)
	}
	return major*1_000_000 + minor*1_000 + patch
}
