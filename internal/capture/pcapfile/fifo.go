package pcapfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// openPath opens a file, or returns a fifo if opening it could block.
func openPath(path string) (io.ReadCloser, error) {
	if st, err := os.Stat(path); err == nil && st.Mode()&fs.ModeNamedPipe != 0 {
		return &fifo{path: path}, nil
	}
	return os.Open(path)
}

// fifo is a named pipe. Opening one blocks until the other end is opened, so the first Read,
// in the goroutine of a pipe, opens it; meanwhile Next returns ErrIdle and the caller can be
// interrupted.
type fifo struct {
	path string

	mu     sync.Mutex
	file   *os.File
	closed bool
}

// Read opens the pipe at the first call. One goroutine calls it.
func (f *fifo) Read(b []byte) (int, error) {
	file, err := f.open()
	if err != nil {
		return 0, err
	}
	return file.Read(b)
}

func (f *fifo) open() (*os.File, error) {
	f.mu.Lock()
	file, closed := f.file, f.closed
	f.mu.Unlock()
	switch {
	case closed:
		return nil, os.ErrClosed
	case file != nil:
		return file, nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open capture: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		_ = file.Close()
		return nil, os.ErrClosed
	}
	f.file = file
	return file, nil
}

// Close closes the pipe and ends a blocked Read.
func (f *fifo) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.file != nil {
		return f.file.Close()
	}
	release(f.path)
	return nil
}
