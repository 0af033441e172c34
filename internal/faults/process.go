package faults

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BeMain is set in the environment of a test binary that is to be the program itself,
// so that tests run real processes without building anything; see Main.
const BeMain = "NETLYRA_TEST_BE_MAIN"

// Main is for TestMain: in a process that was started by Start it runs the program and
// never returns; elsewhere it does nothing.
func Main(program func(args []string, in io.Reader, out, err io.Writer) int) {
	if os.Getenv(BeMain) != "" {
		os.Exit(program(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
}

// Process is a running netlyra.
type Process struct {
	Name           string // first argument
	Stdout, Stderr Buffer
	t              testing.TB
	cmd            *exec.Cmd
	exited         chan struct{}
	mu             sync.Mutex
	peak           uint64
}

// Buffer is what a process has written so far.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to the buffer.
func (s *Buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is all of it.
func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Start runs netlyra with args in a separate environment: nothing of the caller's
// settings, and no .env of a developer's. The process is killed when the test ends.
func Start(t testing.TB, env map[string]string, args ...string) *Process {
	t.Helper()
	return StartReading(t, nil, env, args...)
}

// StartReading is Start with a standard input.
func StartReading(t testing.TB, in io.Reader, env map[string]string, args ...string) *Process {
	t.Helper()
	return StartStreams(t, Streams{In: in}, env, args...)
}

// Streams are the standard streams of a process. In: nil is an empty one; Out and Err:
// nil is the Process's buffer.
type Streams struct {
	In       io.Reader
	Out, Err *os.File
}

// Descriptors is the name of a setting, of tests alone, for the number of file descriptors
// that a process may have open.
const Descriptors = "NETLYRA_TEST_DESCRIPTORS"

// command runs a program with at most so many descriptors, "" for the limit of the test.
func command(program string, args []string, descriptors string) *exec.Cmd {
	if descriptors == "" {
		return exec.Command(program, args...)
	}
	return exec.Command("sh", append([]string{"-c", `ulimit -n "$0" && exec "$@"`, descriptors, program}, args...)...)
}

// StartStreams is Start with standard streams of the caller's.
func StartStreams(t testing.TB, streams Streams, env map[string]string, args ...string) *Process {
	t.Helper()
	program, err := os.Getenv("NETLYRA_BINARY"), error(nil)
	if program == "" {
		program, err = os.Executable()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, Name: args[0], cmd: command(program, args, env[Descriptors]), exited: make(chan struct{})}
	p.cmd.Env = []string{BeMain + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for k, v := range env {
		p.cmd.Env = append(p.cmd.Env, k+"="+v)
	}
	p.cmd.Dir, p.cmd.WaitDelay = t.TempDir(), time.Second // who reads no more of in is not waited for
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = streams.In, &p.Stdout, &p.Stderr
	if streams.Out != nil {
		p.cmd.Stdout = streams.Out
	}
	if streams.Err != nil {
		p.cmd.Stderr = streams.Err
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.exited) }()
	go p.watch()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s %d: stdout:\n%s\nstderr:\n%s", p.Name, p.cmd.Process.Pid, tail(p.Stdout.String(), 2000), tail(p.Stderr.String(), 4000))
		}
	})
	return p
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// Kill ends the process as kill -9 does.
func (p *Process) Kill() {
	p.Memory()
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// terminated is the exit code of a program that SIGTERM ended before it was done.
const terminated = 143

// Signal sends the process a signal.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.exited }

// Stop asks the process to end, as an operator does, and wants it to end well.
func (p *Process) Stop(limit time.Duration) {
	p.t.Helper()
	p.Memory()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if code := p.Wait(limit); code != 0 && code != terminated {
		p.t.Errorf("%s: exit code %d after SIGTERM:\n%s", p.Name, code, tail(p.Stderr.String(), 2000))
	}
}

// Suspend halts the process (SIGSTOP) as a machine that swaps or a laptop that sleeps.
func (p *Process) Suspend() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets a suspended process go on.
func (p *Process) Resume() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }

// Wait gives the exit code.
func (p *Process) Wait(limit time.Duration) int {
	p.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-timer.C:
		p.t.Fatalf("%s still runs after %v", p.Name, limit)
		return -1
	}
}

// Running reports whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Says waits until the process has written text to either output.
func (p *Process) Says(limit time.Duration, text string) {
	p.t.Helper()
	Eventually(p.t, limit, p.Name+" prints "+text, func() bool {
		return strings.Contains(p.Stderr.String(), text) || strings.Contains(p.Stdout.String(), text)
	})
}

// Eventually polls until cond holds; on time-out, the test fails with what it waited for.
func Eventually(t testing.TB, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); ; <-tick.C {
		if cond() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}
