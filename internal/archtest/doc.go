// Package archtest holds tests about the repository itself: in which direction
// packages import each other, who may know which library, and the habits that keep
// files readable and event time free of the wall clock. It has no code of its own.
//
// The rules are tables in rules_test.go; docs/architecture.md says why they are so.
package archtest
