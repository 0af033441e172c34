// Package vocabulary is every identifier that NetLyra's status carries: stages of the
// pipeline, reasons for dropping, health conditions, findings of the ledger and of doctor,
// kinds of alerts and log events. Programs compare these identifiers; texts are for people
// and may change in any version.
//
// An identifier is lower-case snake_case, unique within its group, and never reused for
// another meaning. Each has an Entry with its display name and explanation. The entries
// generate the page docs/vocabulary.md and the module ui/src/lib/data/vocabulary.ts
// (go generate ./internal/models/vocabulary; a test fails where they are out of date).
//
// Everything here is constant; it may be used from any goroutine.
package vocabulary
