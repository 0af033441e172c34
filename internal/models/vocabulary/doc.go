// Package vocabulary has every identifier in NetLyra's status: stages of the pipeline, drop
// reasons, conditions of health, equations and findings of the ledger, kinds of alerts, HTTP
// problems and log events. Programs compare identifiers; texts are for people and may change
// in any version.
//
// An identifier is in lower-case snake_case, unique within its group, and never reused for
// another meaning. Each has an Entry in an exported table, whose name ends in the group
// (BusEvents, LiveDrops). The tables generate docs/vocabulary.md and
// ui/src/lib/data/vocabulary.ts; a test of gen fails if these are out of date.
//
// Everything here is constant and may be used from any goroutine.
package vocabulary

//go:generate go run ./gen
