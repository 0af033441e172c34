package dbfile

import (
	"database/sql"
	"fmt"
	"net/url"

	"gorm.io/gorm"
)

// access is what the connections of a pool may do.
type access int

const (
	readWrite access = iota // creates the file if it does not exist
	readOwn                 // reads a file that this process also writes
	readOnly                // reads a file that this process never changes
)

// dial opens a pool of n connections to the file.
func dial(cfg Config, a access, n int) (*sql.DB, *gorm.DB, error) {
	q := url.Values{
		"mode":          {[]string{"rwc", "rw", "ro"}[a]},
		"_busy_timeout": {fmt.Sprint(cfg.BusyTimeout.Milliseconds())},
		"_foreign_keys": {"on"},
		"_cache_size":   {"-32768"}, // KiB
		"_mutex":        {"no"},     // database/sql gives a connection to one goroutine at a time
	}
	if a != readOnly { // these settings change the file
		q.Set("_auto_vacuum", "incremental")
		q.Set("_journal_mode", "WAL")
		q.Set("_synchronous", cfg.Synchronous)
	}
	if a == readWrite {
		q.Set("_txlock", "immediate") // take the write lock at the start of a transaction, not in the middle
	} else {
		q.Set("_query_only", "on")
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: cfg.Path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	g, err := openGORM(db)
	return db, g, err
}
