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

// wait is a command and something that it waits for.
type wait struct {
	command string
	on      string // what it waits for
	args    []string
	// env gives settings, and makes what they name.
	env    func(t *testing.T) map[string]string
	stdin  func(t *testing.T) *os.File // nil: an empty one
	stdout func(t *testing.T) *os.File // nil: all is taken
	stderr func(t *testing.T) *os.File
	files  func(t *testing.T) []string    // more arguments
	until  func(t *testing.T, p *waiting) // it waits; nil: it uses no processor time
	broker bool                           // there is one
	topics bool                           // there is one, and an engine has made the topics
	halt   bool                           // the broker is suspended before the signal
	done   bool                           // exit code 0 is right too: of a service that could stop in good order
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

// Things that a command can wait for.

// fifo is a named pipe that nobody else opens.
func fifo(t *testing.T) []string {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

// silentPipe is a pipe that stays open and gives nothing.
func silentPipe(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r
}

// unread is a pipe that is full and that nobody reads.
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

// silent is a broker that accepts and says nothing.
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

// blackHole is a broker whose host does not answer: the queue of a listener is full, so
// that the kernel leaves further SYNs unanswered.
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

// busy is a database that another program has locked.
func busy(t *testing.T) map[string]string {
	return map[string]string{"DB_PATH": locked(t, t.TempDir())}
}

// says waits until the process has said text.
func says(text string) func(*testing.T, *waiting) {
	return func(_ *testing.T, p *waiting) { p.Says(30*time.Second, text) }
}
