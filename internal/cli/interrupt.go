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
)

// stopLimit is how long a process may take to end after the first SIGINT or SIGTERM. It
// leaves a third of the three seconds that are promised to the scheduler of a busy machine.
const stopLimit = 2 * time.Second

// codeStopForced is the identifier of the log line about a process that did not
// finish within stopLimit.
const codeStopForced = "stop_forced"

// interrupts turns SIGINT and SIGTERM into the end of a context, and makes sure that the
// process ends then: a system call that does not return (open of a FIFO, a write to a
// pipe that nobody reads) cannot hold it.
type interrupts struct {
	first atomic.Int32 // the signal, 0 before
	stop  func()
}

// catchInterrupts returns a context that ends with the first signal. A second signal,
// or stopLimit, ends the process with the signal's exit code. release undoes it.
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
		tellForced(stderr)
		os.Exit(i.code())
	case <-released:
	}
}

// tellForced says why the process ends now, unless standard error takes nothing either.
func tellForced(stderr io.Writer) {
	told := make(chan struct{})
	go func() {
		defer close(told)
		fmt.Fprintf(stderr, "netlyra: code=%s did not finish within %v and ends now; what was not saved is done again at the next start\n", codeStopForced, stopLimit)
	}()
	select {
	case <-told:
	case <-time.After(100 * time.Millisecond):
	}
}

// code is the exit code of a process that the first signal ended early.
func (i *interrupts) code() int { return signalCode(int(i.first.Load())) }

// signalCode is what a shell reports of a process that a signal ended.
func signalCode(signal int) int { return 128 + signal }

func number(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return int(n)
	}
	return int(syscall.SIGINT)
}
