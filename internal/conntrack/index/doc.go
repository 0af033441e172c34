// Package index is the hash table of package conntrack: it maps hashes of connection keys
// to record numbers, without pointers, so that a million connections cost the garbage
// collector nothing.
package index
