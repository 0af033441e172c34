package store

import "github.com/mattn/go-sqlite3"

// SQLiteVersion is the version of the SQLite library in this binary, such as "3.54.1".
// Any goroutine may call it.
func SQLiteVersion() string {
	version, _, _ := sqlite3.Version()
	return version
}
