package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// BeMain is set in the environment of a test binary that runs as the program, so that tests
// start real processes without a build; see Main.
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

// Buffer collects the output of a process. Its methods may be called from any goroutine.
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

// String returns everything written so far.
func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Start runs netlyra with args in a separate environment, without the settings of the caller
// and without a developer's .env. The process is killed when the test ends.
func Start(t testing.TB, env map[string]string, args ...string) *Process {
	t.Helper()
	return StartReading(t, nil, env, args...)
}

// StartReading is Start with a standard input.
func StartReading(t testing.TB, in io.Reader, env map[string]string, args ...string) *Process {
	t.Helper()
	return StartStreams(t, Streams{In: in}, env, args...)
}

// Streams are the standard streams of a process. If nil, In is empty, and Out and Err go to
// the buffers of the Process.
type Streams struct {
	In       io.Reader
	Out, Err *os.File
}

// Descriptors is the key of a setting that only tests use: the limit of open file
// descriptors of a process.
const Descriptors = "NETLYRA_TEST_DESCRIPTORS"

// command returns a command with that limit of descriptors; "" is the limit of the test.
func command(program string, args []string, descriptors string) *exec.Cmd {
	if descriptors == "" {
		return exec.Command(program, args...)
	}
	return exec.Command("sh", append([]string{"-c", `ulimit -n "$0" && exec "$@"`, descriptors, program}, args...)...)
}

// StartStreams is Start with the given standard streams.
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
	p.cmd.Dir, p.cmd.WaitDelay = t.TempDir(), time.Second // do not wait for a goroutine that blocks in streams.In
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

// terminated is the exit code of a program that SIGTERM ended before it finished.
const terminated = 143

// Signal sends the process a signal.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// PID returns the process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the process has exited.
func (p *Process) Done() <-chan struct{} { return p.exited }

// Stop sends SIGTERM, as an operator does, and fails the test unless the process exits
// gracefully within limit.
func (p *Process) Stop(limit time.Duration) {
	p.t.Helper()
	p.Memory()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if code := p.Wait(limit); code != 0 && code != terminated {
		p.t.Errorf("%s: exit code %d after SIGTERM:\n%s", p.Name, code, tail(p.Stderr.String(), 2000))
	}
}

// Suspend stops the process with SIGSTOP, like a machine that swaps or a laptop that sleeps.
func (p *Process) Suspend() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume continues a suspended process.
func (p *Process) Resume() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }

// Wait returns the exit code; the test fails if the process runs longer than limit.
func (p *Process) Wait(limit time.Duration) int {
	p.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-timer.C:
		p.t.Fatalf("%s is still running after %v", p.Name, limit)
		return -1
	}
}

// Running reports whether the process has not exited.
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

// Logs waits until the process has logged the event, and returns the attributes of its last
// log line with that event.
func (p *Process) Logs(limit time.Duration, event vocabulary.Event) (attrs map[string]any) {
	p.t.Helper()
	Eventually(p.t, limit, p.Name+" logs the event "+string(event), func() bool {
		attrs = lastEvent(p.Stderr.String(), event)
		return attrs != nil
	})
	return attrs
}

// lastEvent returns the attributes of the last JSON log line with the event, nil without one.
func lastEvent(log string, event vocabulary.Event) (last map[string]any) {
	for line := range strings.Lines(log) {
		var attrs map[string]any
		if json.Unmarshal([]byte(line), &attrs) == nil && attrs[vocabulary.EventKey] == string(event) {
			last = attrs
		}
	}
	return last
}

// BrokerAddress waits until the embedded broker of the process listens, and returns its
// address.
func (p *Process) BrokerAddress() string {
	p.t.Helper()
	address, _ := p.Logs(20*time.Second, vocabulary.EventBrokerListening)["address"].(string)
	return address
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
