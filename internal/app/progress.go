package app

import (
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/obs"
)

// Progress is how far the reading of files has come.
type Progress struct {
	Packets     uint64 // frames so far
	Done, Total int64  // bytes of the files as they lie on the disk; Total is 0 where that is not known
}

// ProgressView shows a Progress. Show is called a few times a second, by one goroutine.
type ProgressView interface{ Show(Progress) }

// progressEvery is how often a ProgressView is called.
const progressEvery = 200 * time.Millisecond

// watch shows what look says until stop is called, which shows it once more.
func watch(view ProgressView, look func() Progress) (stop func()) {
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
				view.Show(look())
				return
			case <-tick.C:
				view.Show(look())
			}
		}
	}()
	return func() { close(quit); <-done }
}

// bytesRead says how much of a source's files has been read; nothing where the source
// does not know, or begins anew again and again.
func bytesRead(src capture.Source) func() (done, total int64) {
	switch s := src.(type) {
	case capture.Progresser:
		return s.Progress
	case *rebased:
		return bytesRead(s.Source)
	}
	return func() (int64, int64) { return 0, 0 }
}

// sensorProgress looks at a sensor at work. Frames are those of the ledger: a source
// that begins anew cannot be asked from another goroutine.
func sensorProgress(s *Sensor, l *obs.Ledger) func() Progress {
	read, captured := bytesRead(s.source), l.Stage("capture")
	return func() (p Progress) {
		p.Packets = captured.Counts().In
		p.Done, p.Total = read()
		return p
	}
}
