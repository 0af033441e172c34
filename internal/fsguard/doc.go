// Package fsguard protects NetLyra's files from other processes and other users.
//
// # Locks
//
// A Lock is an advisory lock on a file beside the one it protects. The kernel releases
// it when the process ends, also after kill -9; a lock file that is left behind locks
// nothing. The file names the process that holds the lock. It is never deleted: a process
// that waits for the lock of a deleted file would not see the lock of the process that
// created the file again.
//
// Linux, macOS and the BSDs use flock(2), Windows LockFileEx. On other systems, and on
// file systems without locks (some network file systems), Take succeeds and Enforced
// reports false, so that the caller can log that a second process is not kept out.
//
// # Permissions
//
// Stored data was captured from a network, so files and directories are created for one
// user only (0600, 0700). Permissions of existing files are left to the operator: TooWide
// returns those that other users can access, and nothing changes them.
//
// # Concurrency
//
// Functions may be called from any goroutine. A Lock is used by one goroutine at a time.
package fsguard
