package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// stopLimit is how long a process may take to stop after the first SIGINT or SIGTERM. The
// documented limit is three seconds; the rest is reserve for a busy machine.
const stopLimit = 2 * time.Second

// interrupts turns SIGINT and SIGTERM into the end of a context and guarantees that the
// process exits, even if a system call blocks (open of a FIFO, write to a full pipe).
type interrupts struct {
	first atomic.Int32 // the signal; 0: none yet
	stop  func()
}

// catchInterrupts returns a context that ends with the first signal. A second signal,
// or stopLimit, ends the process with the signal's exit code. stop restores the default.
func catchInterrupts(stderr io.Writer) (ctx context.Context, i *interrupts) {
	ctx, cancel := context.WithCancel(context.Background())
	i = &interrupts{}
	signals, released := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	i.stop = func() {
		signal.Stop(signals)
		close(released)
		cancel()
	}
	go i.watch(signals, released, cancel, stderr)
	return ctx, i
}

func (i *interrupts) watch(signals <-chan os.Signal, released <-chan struct{}, cancel func(), stderr io.Writer) {
	select {
	case s := <-signals:
		i.first.Store(int32(number(s)))
		cancel()
	case <-released:
		return
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case s := <-signals:
		os.Exit(signalCode(number(s)))
	case <-limit.C:
		reportForced(stderr)
		os.Exit(i.code())
	case <-released:
	}
}

// reportForced prints why the process exits, unless a write to standard error blocks too.
func reportForced(stderr io.Writer) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		fmt.Fprintf(stderr, "netlyra: event=%s did not stop within %v, exiting; unsaved work is repeated at the next start\n", vocabulary.EventStopForced, stopLimit)
	}()
	select {
	case <-written:
	case <-time.After(100 * time.Millisecond):
	}
}

// code returns the exit code of a process that the first signal ended.
func (i *interrupts) code() int { return signalCode(int(i.first.Load())) }

// signalCode returns the exit code that shells use for a process killed by the signal.
func signalCode(signal int) int { return 128 + signal }

func number(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return int(n)
	}
	return int(syscall.SIGINT)
}
