package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/faults"
)

func TestMain(m *testing.M) {
	faults.Main(Main)
	code := m.Run()
	if path, err := capture(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// beMain in the environment makes the test binary run as the program.
const beMain = faults.BeMain

// syncBuffer is a buffer that one goroutine writes and another reads.
type syncBuffer = faults.Buffer

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// process is a running netlyra.
type process struct {
	*faults.Process
	stdout, stderr *faults.Buffer
}

// start runs netlyra with args in a separate environment.
func start(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	p := faults.Start(t, env, args...)
	return &process{p, &p.Stdout, &p.Stderr}
}

// kill ends the process as kill -9 does.
func (p *process) kill() { p.Kill() }

// wait returns the exit code.
func (p *process) wait(limit time.Duration) int { return p.Wait(limit) }

// eventually polls until cond holds; after limit the test fails with what.
func eventually(t *testing.T, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	faults.Eventually(t, limit, what, cond)
}

// startBroker runs the embedded broker as a separate process and returns its address.
func startBroker(t *testing.T) (addr string) {
	t.Helper()
	return faults.SoloBroker(t)
}

// freePort returns a port that is currently free.
func freePort(t *testing.T) string {
	t.Helper()
	return faults.FreePort(t)
}

// get decodes a response of the API into v.
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

// capture writes a capture of the demo with attacks, once for all tests.
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
