//go:build linux

package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/faults"
)

// waits returns each command with everything that it can wait for. Commands that end soon
// wait for an output that is not read.
func waits() []wait {
	full := func(command, out string, args ...string) wait {
		w := wait{command: command, on: "an unread " + out, args: args}
		if out == "stdout" {
			w.stdout = unread
		} else {
			w.stderr = unread
		}
		return w
	}
	all := []wait{
		{command: "up", on: "a FIFO", args: []string{"--replay"}, files: fifo, until: prints("traffic"), done: true},
		{command: "up", on: "standard input", args: []string{"--replay", "-"}, stdin: silentPipe, until: prints("traffic"), done: true},
		{command: "up", on: "a FIFO to its end", args: []string{"--exit-when-done", "--replay"}, files: fifo, until: prints("traffic")},
		{command: "up", on: "its traffic", until: prints("traffic"), done: true},
		{command: "up", on: "a locked database", env: busy},
		{command: "up", on: "its start", until: started, done: true},
		{command: "up", on: "a suspended broker", halt: true, until: prints("traffic"), done: true},
		{command: "core", on: "records", broker: true, until: prints("traffic"), done: true},
		{command: "core", on: "a suspended broker", halt: true, until: prints("traffic"), done: true},
		{command: "core", on: "a locked database", broker: true, env: busy},
		{command: "core", on: "a FIFO", broker: true, args: []string{"--replay"}, files: fifo, until: prints("traffic"), done: true},
		{command: "engine", on: "records", broker: true, done: true},
		{command: "engine", on: "a suspended broker", halt: true, done: true},
		{command: "replay", on: "a FIFO", broker: true, files: fifo},
		{command: "replay", on: "standard input", broker: true, args: []string{"-"}, stdin: silentPipe},
		{command: "replay", on: "the pace", broker: true, files: office, args: []string{"--rate", "1"}, until: prints("packets")},
		{command: "replay", on: "a suspended broker", halt: true, files: office, args: []string{"--rate", "100", "--loop"}, until: started},
		{command: "broker", on: "clients", args: []string{"--listen", "127.0.0.1:0"}, until: listening, done: true},
		{command: "analyze", on: "a FIFO", files: fifo},
		{command: "analyze", on: "a FIFO after a file", until: started, files: func(t *testing.T) []string { return append(office(t), fifo(t)...) }},
		{command: "analyze", on: "standard input", args: []string{"-"}, stdin: silentPipe},
		{command: "tail", on: "records", broker: true, args: []string{"alerts"}},
		{command: "tail", on: "a suspended broker", halt: true, args: []string{"alerts"}},
		{command: "redrive", on: "dead letters", topics: true, args: []string{"--no-to-now"}, until: connected},
		{command: "gen", on: "a FIFO", args: []string{"--duration", "1h", "-o"}, files: fifo},
		{command: "gen", on: "its work", args: []string{"--duration", "24h", "-o", os.DevNull}, until: started},
		{command: "bench pipeline", on: "its work", args: []string{"--duration", "60s", "--rate", "10"}, until: started},
		{command: "eval points", on: "a FIFO", files: fifo},
		{command: "eval packets", on: "a FIFO", files: func(t *testing.T) []string { return append(fifo(t), "--labels", fifo(t)[0]) }},
		{command: "eval suite", on: "its work", until: started},
		{command: "ledger", on: "a silent core", files: func(t *testing.T) []string { return []string{"--url", "http://" + silentPort(t)} }},
		{command: "ledger", on: "rest", args: []string{"--wait", "1h"}, files: func(t *testing.T) []string { return []string{"--url", "http://" + silentPort(t)} }},
		{command: "explain", on: "a locked database", args: []string{"A2ycmvdy6jo38g"}, env: busy},
		{command: "analyze", on: "an unread stdout", args: []string{"--format", "ndjson"}, files: office, stdout: unread},
		{command: "prior build", on: "a FIFO", args: []string{"-o", filepath.Join(os.TempDir(), "netlyra-no-prior.json")}, files: fifo},
		{command: "prior build", on: "an unread stdout", files: func(t *testing.T) []string {
			return append(office(t), "-o", filepath.Join(t.TempDir(), "prior.json"))
		}, stdout: unread},
		full("prior show", "stdout", "--format", "json"),
		{command: "prior diff", on: "an unread stdout", files: func(t *testing.T) []string { return []string{quietPrior(t)} }, stdout: unread},
		full("config", "stdout"),
		full("version", "stdout", "--json"),
		full("doctor", "stdout", "--format", "json"),
		full("broker", "stdout", "--listen", "127.0.0.1:0"),
		full("gen", "stdout", "--duration", "1s", "-o", os.DevNull),
		full("up", "stderr"),
	}
	// Commands that need a broker wait for one that does not respond.
	for _, w := range []wait{
		{command: "up", done: true}, {command: "core", done: true}, {command: "engine", done: true}, {command: "probe", args: []string{"--iface", "lo"}, done: true},
		{command: "replay", files: office}, {command: "tail", args: []string{"packets"}}, {command: "redrive"}, {command: "doctor"},
		{command: "backtest"}, {command: "explain", args: []string{"A2ycmvdy6jo38g", "--verify"}},
	} {
		w.on, w.env = "a silent broker", silent
		all = append(all, w)
		w.on, w.env = "a broker whose host does not answer", blackHole
		all = append(all, w)
	}
	return all
}

// office returns the capture of the other tests.
func office(t *testing.T) []string { return []string{captureFile(t)} }

// connected waits until the process has an admin connection to the broker and fetches
// over others: redrive then waits for records and uses hardly any CPU time.
func connected(t *testing.T, p *waiting) {
	faults.Eventually(t, 20*time.Second, p.Name+" has its connections", func() bool {
		n, err := sockets(p.PID())
		if err != nil {
			t.Fatalf("%s exited: %v; stderr: %s", p.Name, err, tail(p.Stderr.String(), 2000))
		}
		return n >= 3
	})
}

// listening waits until the embedded broker of the process listens.
func listening(_ *testing.T, p *waiting) { p.BrokerAddress() }

// started waits until the process has used some CPU time.
func started(t *testing.T, p *waiting) {
	faults.Eventually(t, 20*time.Second, p.Name+" works", func() bool {
		n, err := ticks(p.PID())
		if err != nil {
			t.Fatalf("%s exited: %v; stderr: %s", p.Name, err, tail(p.Stderr.String(), 2000))
		}
		return n >= 8
	})
}
