// Package schema holds the tables of the database: migrations from every released
// schema version to the present one, and repairs of rows that earlier versions wrote
// wrongly.
//
// Migrate runs once, from the goroutine that opens the database, before anything else
// uses it. Each step is a transaction, so that an interrupted migration continues at the
// next start.
package schema
