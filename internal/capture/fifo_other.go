//go:build !unix

package capture

// release does nothing: this system has no named pipes that are opened as files.
func release(string) {}
