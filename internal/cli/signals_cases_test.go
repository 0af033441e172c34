//go:build linux

package cli

import (
	"maps"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netlyra/netlyra/internal/faults"
)

// wait is a command and what it waits for.
type wait struct {
	command string
	on      string // what the command waits for
	args    []string
	// env returns settings, and creates what they refer to.
	env    func(t *testing.T) map[string]string
	stdin  func(t *testing.T) *os.File // nil: empty
	stdout func(t *testing.T) *os.File // nil: read by the test
	stderr func(t *testing.T) *os.File
	files  func(t *testing.T) []string    // additional arguments
	until  func(t *testing.T, p *waiting) // returns when the command waits; nil: when it uses no CPU time
	broker bool                           // a broker is running
	topics bool                           // a broker is running, and an engine has created the topics
	halt   bool                           // the broker is suspended before the signal
	done   bool                           // exit code 0 is valid too: a service that stopped gracefully
}

// start runs the command and returns when it waits.
func (w wait) start(t *testing.T) *waiting {
	t.Helper()
	e := map[string]string{"API_PORT": "0", "WS_PORT": "0", "DB_PATH": filepath.Join(t.TempDir(), "x.db"), "DATA_DIR": t.TempDir()}
	if w.env != nil {
		maps.Copy(e, w.env(t))
	}
	var broker *faults.Process
	if w.broker || w.halt || w.topics {
		broker, e["KAFKA_BROKERS"] = faults.SoloBrokerProcess(t)
	}
	if w.topics {
		engine := &waiting{faults.Start(t, e, "engine")}
		engine.settled(t)
	}
	args := append(strings.Fields(w.command), w.args...)
	if w.files != nil {
		args = append(args, w.files(t)...)
	}
	var s faults.Streams
	if w.stdin != nil {
		s.In = w.stdin(t)
	}
	if w.stdout != nil {
		s.Out = w.stdout(t)
	}
	if w.stderr != nil {
		s.Err = w.stderr(t)
	}
	p := &waiting{faults.StartStreams(t, s, e, args...)}
	if w.until != nil {
		w.until(t, p)
	} else {
		p.settled(t)
	}
	if w.halt {
		broker.Suspend()
	}
	return p
}

// fifo creates a named pipe that no other process opens.
func fifo(t *testing.T) []string {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

// silentPipe returns a pipe that stays open and has no data.
func silentPipe(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r
}

// unread returns a full pipe that no process reads.
func unread(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	fd := int(w.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for full := make([]byte, 4096); err == nil; {
		_, err = unix.Write(fd, full)
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	return w
}

// silent sets the address of a broker that accepts connections and never responds.
func silent(t *testing.T) map[string]string {
	return map[string]string{"KAFKA_BROKERS": silentPort(t)}
}

func silentPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// blackHole sets the address of a broker whose host does not respond: the backlog of a
// listener is full, so that the kernel does not answer further SYNs.
func blackHole(t *testing.T) map[string]string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(name.(*unix.SockaddrInet4).Port))
	for {
		c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return map[string]string{"KAFKA_BROKERS": addr}
		}
		t.Cleanup(func() { c.Close() })
	}
}

// busy sets the path of a database that is locked by another process.
func busy(t *testing.T) map[string]string {
	return map[string]string{"DB_PATH": locked(t, t.TempDir())}
}

// prints waits until the process has printed text.
func prints(text string) func(*testing.T, *waiting) {
	return func(_ *testing.T, p *waiting) { p.Says(30*time.Second, text) }
}
