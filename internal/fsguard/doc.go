// Package fsguard keeps files of NetLyra to one process and to one user.
//
// # Locks
//
// A Lock is an advisory lock on a file of its own, beside what it protects. The kernel
// holds it for the process and releases it when the process ends, also after kill -9;
// a file that is left behind locks nothing. The file says which process holds the
// lock. It is never deleted: a process that waits on a deleted file would not see the
// lock of one that made the file again.
//
// On Linux, macOS and the BSDs it is flock(2), on Windows LockFileEx. Other systems,
// and file systems without locks (some network file systems), have no such lock:
// Take then succeeds, and Enforced reports false, so that the caller can log that
// nothing keeps a second process out.
//
// # Permissions
//
// What NetLyra stores was seen on a network, so files and directories are made for one
// user alone (0600, 0700). Permissions of what exists are the operator's: TooWide
// reports those that other users can use, and nothing changes them.
//
// Functions may be called from any goroutine. A Lock belongs to one goroutine at a time.
package fsguard
