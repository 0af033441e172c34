//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/faults"
)

// promised is the maximum time from a signal to the exit of a command: a stop that hangs is
// forced after 2 s, and a machine that runs all tests at once is late by seconds.
const promised = 8 * time.Second

// leaves returns the names of all commands, as on the command line.
func leaves(t *testing.T) (names []string) {
	t.Helper()
	var cmds commands
	parser, err := kong.New(&cmds, config.NewLoader(config.System()).Options()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		names = append(names, leaf.Path())
	}
	return names
}

// TestEveryCommandHasACaseForSignals requires a case in waits for each command.
func TestEveryCommandHasACaseForSignals(t *testing.T) {
	names := leaves(t)
	if len(names) < 18 {
		t.Fatalf("found only the commands %v", names)
	}
	for _, name := range names {
		if !slices.ContainsFunc(waits(), func(w wait) bool { return w.command == name }) {
			t.Errorf("netlyra %s has no case in waits()", name)
		}
	}
	for _, w := range waits() {
		if !slices.Contains(names, w.command) {
			t.Errorf("waits() has a case for the unknown command %q", w.command)
		}
	}
}

// TestSignalsEndEveryCommand sends each signal to each command in each case of waits.
func TestSignalsEndEveryCommand(t *testing.T) {
	for _, w := range waits() {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(w.command+"/"+w.on+"/"+name(sig), func(t *testing.T) {
				t.Parallel()
				p := w.start(t)
				took, code := p.end(t, sig)
				t.Logf("exited after %v with exit code %d", took, code)
				p.checkEnd(t, took, code, sig, w.done)
			})
		}
	}
}

// TestSecondSignalEndsAtOnce: a second signal does not wait for a graceful stop.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	for _, second := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(name(second), func(t *testing.T) {
			t.Parallel()
			p := wait{command: "analyze", args: []string{"--format", "ndjson", captureFile(t)}, stdout: unread}.start(t)
			if err := p.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			stop := stopwatch()
			// The kernel merges pending signals of the same kind, so send it until the process exits.
			faults.Eventually(t, promised, "the end", func() bool { return p.Signal(second) != nil })
			code := p.Wait(promised)
			if took := stop(); took > 1900*time.Millisecond || code != 128+int(second) {
				t.Errorf("exited after %v with exit code %d", took, code)
			}
		})
	}
}

// name returns the name of a signal.
func name(s syscall.Signal) string {
	return map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT"}[s]
}

// waiting is a process that waits.
type waiting struct{ *faults.Process }

// end sends a signal and returns the time until the process exits, and its exit code.
func (p *waiting) end(t *testing.T, sig syscall.Signal) (time.Duration, int) {
	t.Helper()
	stop := stopwatch()
	if err := p.Signal(sig); err != nil {
		t.Fatalf("%v; stderr: %s", err, tail(p.Stderr.String(), 2000))
	}
	code := p.Wait(20 * time.Second)
	return stop(), code
}

// stopwatch returns a function that stops it and returns the time since the start, without the
// time in which the machine had no processor for this process: it has none for others then.
func stopwatch() (stop func() time.Duration) {
	const every = 10 * time.Millisecond
	start, done, result := time.Now(), make(chan struct{}), make(chan time.Duration)
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		starved, last := time.Duration(0), start
		for {
			select {
			case <-done:
				result <- time.Since(start) - starved
				return
			case <-tick.C:
				now := time.Now()
				if gap := now.Sub(last); gap > 3*every {
					starved += gap - every
				}
				last = now
			}
		}
	}()
	return func() time.Duration {
		close(done)
		return <-result
	}
}

// checkEnd compares the exit with the documented one. If done, exit code 0 is valid too.
func (p *waiting) checkEnd(t *testing.T, took time.Duration, code int, sig syscall.Signal, done bool) {
	t.Helper()
	if took > promised {
		t.Errorf("exited after %v, want at most %v", took, promised)
	}
	if want := []int{128 + int(sig)}; code != want[0] && !(code == 0 && done) {
		t.Errorf("exit code %d, want %v (or 0: %v)", code, want, done)
	}
	for _, out := range []string{p.Stdout.String(), p.Stderr.String()} {
		if strings.Contains(out, "goroutine ") || strings.Contains(out, "panic:") {
			t.Errorf("panicked: %s", out)
		}
	}
}

// settled waits until the process is idle for 300 ms: it has run, uses at most a tenth of a
// processor, and sleeps at almost every look. A process that waits may still run timers.
func (p *waiting) settled(t *testing.T) {
	t.Helper()
	const looks, most, awake = 15, 3, 2 // looks are 20 ms apart; most is in hundredths of a second
	var used []uint64
	ran := 0
	faults.Eventually(t, 30*time.Second, p.Name+" waits", func() bool {
		now, err := ticks(p.PID())
		if err != nil {
			t.Fatalf("%s exited: %v; stderr: %s", p.Name, err, tail(p.Stderr.String(), 2000))
		}
		if now == 0 { // it has not begun to run
			return false
		}
		if !asleep(p.PID()) {
			ran++
		}
		if used = append(used, now); len(used) <= looks {
			return false
		}
		idle := now-used[0] <= most && ran <= awake
		if !idle {
			used, ran = used[:0], 0
		}
		return idle
	})
}

// ticks returns the CPU time of a process, in hundredths of a second (proc_pid_stat(5)).
func ticks(pid int) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 13 || f[0][0] == 'Z' {
		return 0, io.EOF
	}
	user, err := strconv.ParseUint(string(f[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseUint(string(f[12]), 10, 64)
	return user + system, err
}

// sockets returns how many sockets the process has open.
func sockets(pid int) (n int, err error) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	list, err := os.ReadDir(dir)
	for _, f := range list {
		if to, err := os.Readlink(filepath.Join(dir, f.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n, err
}

// asleep reports whether every thread of the process sleeps. On a busy machine a process can
// use no processor time for long although it is not waiting for anything else.
func asleep(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, file := range threads {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		if f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]); len(f) == 0 || f[0][0] != 'S' {
			return false
		}
	}
	return len(threads) > 0
}
