// Package hugepage asks the operating system for huge pages where large tables are read at
// random. It is safe for concurrent use.
package hugepage
