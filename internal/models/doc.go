// Package models defines the types that the parts of NetLyra share, and share with other
// programs: frame, packet, connection, alert, statistics, their field names in JSON and in
// the database, and the topics that carry them. Package wire encodes them, package
// vocabulary names every status identifier in them.
//
// It imports the standard library only, so that every other package can import it. It holds
// values, not behavior of a stage of the pipeline. Types are plain values: safe for
// concurrent reading, not for concurrent mutation.
//
// Names and units follow docs/api.md; fields are added, never renamed.
package models
