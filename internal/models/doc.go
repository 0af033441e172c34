// Package models is the contract between the parts of NetLyra and with other
// programs: what a frame, a packet, a connection and an alert are, what they are
// called in JSON and in the database, and on which topics they travel.
//
// It imports the standard library only, so that every other package can import
// it. It holds values and their encodings, never behaviour that belongs to one
// stage of the pipeline. Types are plain values; none of them is safe for
// concurrent mutation, all are safe for concurrent reading.
//
// Names and units follow docs/api.md; a field is only ever added, never renamed.
package models
