package faults

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Reference is a capture and the results that any run must produce, with or without faults.
type Reference struct {
	Capture string // file
	Packets uint64 // decodable packets
	Alerts  Alerts
}

// Generate writes a capture of the demo traffic with attacks and returns its reference.
func Generate(t testing.TB, dir string, seed int, duration time.Duration) Reference {
	t.Helper()
	path := filepath.Join(dir, "office-"+strconv.Itoa(seed)+"-"+duration.String()+".pcap")
	p := Start(t, nil, "gen", "-o", path, "--seed", strconv.Itoa(seed), "--duration", duration.String())
	if code := p.Wait(time.Minute); code != 0 {
		t.Fatalf("gen: exit code %d", code)
	}
	return Analyze(t, path, nil)
}

// Analyze returns the reference of a capture, computed by the offline analysis. The test
// fails without alerts, because it would prove nothing.
func Analyze(t testing.TB, capture string, env map[string]string) Reference {
	t.Helper()
	return requireAlerts(t, analyze(t, 5*time.Minute, nil, capture, env))
}

// AnalyzeAny is Analyze for a capture that may have no alerts.
func AnalyzeAny(t testing.TB, capture string) Reference {
	t.Helper()
	return analyze(t, 5*time.Minute, nil, capture, nil)
}

// AnalyzeStream is Analyze for a capture that is read from in, within limit.
func AnalyzeStream(t testing.TB, limit time.Duration, in io.Reader, env map[string]string) Reference {
	t.Helper()
	return requireAlerts(t, analyze(t, limit, in, "-", env))
}

func requireAlerts(t testing.TB, r Reference) Reference {
	t.Helper()
	if len(r.Alerts) == 0 {
		t.Fatalf("%s: no alerts; the test would prove nothing", r.Capture)
	}
	return r
}

func analyze(t testing.TB, limit time.Duration, in io.Reader, capture string, env map[string]string) Reference {
	t.Helper()
	alerts := filepath.Join(t.TempDir(), "alerts.ndjson")
	p := StartReading(t, in, env, "analyze", capture, "--alerts", alerts)
	if code := p.Wait(limit); code != 0 {
		t.Fatalf("analyze: exit code %d", code)
	}
	b, err := os.ReadFile(alerts)
	if err != nil {
		t.Fatal(err)
	}
	r := Reference{Capture: capture}
	if r.Alerts, err = ParseAlerts(b); err != nil {
		t.Fatal(err)
	}
	out := p.Stdout.String()
	r.Packets = Figure(t, out, `packets +([\d,]+)`)
	if strings.Contains(out, "  skipped ") {
		r.Packets -= Figure(t, out, `  skipped +([\d,]+)`)
	}
	return r
}

// Figure returns the number that the first group of pattern matches in text.
func Figure(t testing.TB, text, pattern string) uint64 {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %q in:\n%s", pattern, text)
	}
	n, err := strconv.ParseUint(strings.ReplaceAll(m[1], ",", ""), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
