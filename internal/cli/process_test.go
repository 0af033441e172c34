package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// beMain makes the test binary the program itself, so that tests run real processes
// without building anything.
const beMain = "NETLYRA_TEST_BE_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(beMain) != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	code := m.Run()
	if path, err := capture(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running netlyra.
type process struct {
	t      *testing.T
	name   string
	cmd    *exec.Cmd
	stdout syncBuffer
	stderr syncBuffer
	exited chan struct{}
}

// syncBuffer is a buffer that a process writes and a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start runs netlyra with args in an environment of its own.
func start(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: args[0], cmd: exec.Command(os.Args[0], args...), exited: make(chan struct{})}
	p.cmd.Env = []string{beMain + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for k, v := range env {
		p.cmd.Env = append(p.cmd.Env, k+"="+v)
	}
	p.cmd.Dir = t.TempDir() // no .env of a developer's
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.exited) }()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s: stdout:\n%s\nstderr:\n%s", p.name, p.stdout.String(), tail(p.stderr.String(), 4000))
		}
	})
	return p
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// wait gives the exit code.
func (p *process) wait(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(limit):
		p.t.Fatalf("%s still runs after %v", p.name, limit)
		return -1
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// eventually polls until cond holds; a test that gives up says what it waited for.
func eventually(t *testing.T, limit time.Duration, what string, cond func() bool) {
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

var brokerLine = regexp.MustCompile(`listening on (\S+);`)

// startBroker runs the embedded broker as a process of its own.
func startBroker(t *testing.T) (addr string) {
	t.Helper()
	p := start(t, nil, "broker", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	eventually(t, 20*time.Second, "the broker's address", func() bool {
		if m := brokerLine.FindStringSubmatch(p.stdout.String()); m != nil {
			addr = m[1]
		}
		return addr != ""
	})
	return addr
}

// freePort is a port that nobody listens on just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// get decodes the answer of the API into v.
func get(url string, v any) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("%s: %s: %s", url, resp.Status, body))
	}
	return json.Unmarshal(body, v)
}

// capture makes a capture of the demo with attacks in it, once for all tests.
var capture = sync.OnceValues(makeCapture)

func makeCapture() (string, error) {
	dir, err := os.MkdirTemp("", "netlyra-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "office.pcap")
	var out, errs bytes.Buffer
	if code := Main([]string{"gen", "-o", path, "--duration", "40s"}, nil, &out, &errs); code != 0 {
		return "", fmt.Errorf("gen: exit code %d: %s", code, errs.String())
	}
	return path, nil
}

func captureFile(t *testing.T) string {
	t.Helper()
	path, err := capture()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
