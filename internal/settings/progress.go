package settings

import "time"

// Progress is how much of the input has been read.
type Progress struct {
	Packets     uint64 // frames so far
	Done, Total int64  // bytes of the files on disk; Total is 0 if unknown
}

// ProgressView shows a Progress. One goroutine calls Show, a few times a second.
type ProgressView interface{ Show(Progress) }

// progressEvery is how often a ProgressView is called.
const progressEvery = 200 * time.Millisecond

// Watch shows the result of read on view until stop is called, which shows it once more.
// A nil view shows nothing. read is called from another goroutine.
func Watch(view ProgressView, read func() Progress) (stop func()) {
	if view == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				view.Show(read())
				return
			case <-tick.C:
				view.Show(read())
			}
		}
	}()
	return func() { close(quit); <-done }
}
