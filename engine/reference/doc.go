// Package reference is the distribution of the statistics of behaviors (package features) over
// subjects and minutes of many networks. The engine compares a network with it from the first
// packet on.
//
// A Reference is a table of four values for each behavior: those that one subject in 10, 100,
// 1000 and 10000 exceeds in a minute. Builtin is the one that ships with NetLyra. A Reference
// is read-only after it was made and may be used by several goroutines. File is its form on disk, by
// which a user replaces it with the distribution of the own network.
package reference
