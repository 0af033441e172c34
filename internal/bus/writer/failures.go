package writer

import (
	"fmt"
	"sync"
)

// Failures counts records that the brokers refused and keeps the last error. The zero
// value is ready to use, from any goroutine.
type Failures struct {
	mu   sync.Mutex
	n    int
	last error
}

// Add counts a record that was refused with err.
func (f *Failures) Add(err error) {
	f.mu.Lock()
	f.n++
	f.last = err
	f.mu.Unlock()
}

// Err returns an error that covers all refused records, nil if there are none.
func (f *Failures) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err()
}

// Take is Err for the records refused since the previous Take; it resets the count.
func (f *Failures) Take() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.err()
	f.n, f.last = 0, nil
	return err
}

func (f *Failures) err() error {
	if f.n == 0 {
		return nil
	}
	return fmt.Errorf("bus: brokers refused %d records; last error: %w", f.n, f.last)
}
