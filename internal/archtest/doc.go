// Package archtest tests the structure of the repository: the direction of imports, the
// packages that may use each library, sizes of files and packages, dependencies, and the use
// of event time. It has no code outside of tests.
//
// The rules are tables in rules_test.go; docs/architecture.md explains them.
package archtest
