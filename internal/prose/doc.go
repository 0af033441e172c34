// Package prose contains tests of the language of the repository: comments, string
// literals, declared names, Markdown, the dashboard's sources, configuration files and
// scripts. NetLyra is written in plain technical English with one term for each concept
// (docs/glossary.md). The table in turns_test.go lists expressions that are archaic,
// metaphorical or ambiguous, each with a replacement. A failure names the file, the line,
// the expression and the replacement.
//
// The package has no code outside of tests and nothing imports it.
package prose
