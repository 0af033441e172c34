//go:build !unix

package pcapfile

// release does nothing: this system has no named pipes that are opened as files.
func release(string) {}
