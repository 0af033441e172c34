package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// begin writes the first n bytes of the demo capture to a file and returns its path.
func begin(t *testing.T, n int) string {
	t.Helper()
	b, err := os.ReadFile(captureFile(t))
	if err != nil {
		t.Fatal(err)
	}
	return write(t, t.TempDir(), "begin.pcap", b[:n])
}

func TestAnalyzeWritesRequestedOutputs(t *testing.T) {
	name := captureFile(t)
	for _, c := range []struct {
		args  []string
		first string   // of standard output
		files []string // in the directory
	}{
		{nil, name + "\n", nil},
		{[]string{"--format", "table"}, name + "\n", nil},
		{[]string{"--format", "zeek"}, "#separator", nil},
		{[]string{"--format", "ndjson"}, `{"id":"C`, nil},
		{[]string{"--format", "csv", "--partitions", "3"}, "id,ts,", nil},
		{[]string{"--alerts", "-"}, `{"id":"A`, nil},
		{[]string{"--scores", "-"}, "index,ts,score\n1,", nil},
		{[]string{"--filter", "udp port 53", "--format", "zeek"}, "#separator", nil},
		{[]string{"-o", "D"}, name + "\n", []string{"alerts.ndjson", "conn.log", "connections.csv", "connections.ndjson"}},
		{[]string{"-o", "D", "--format", "zeek"}, "", []string{"alerts.ndjson", "conn.log"}},
		{[]string{"-o", "D", "--format", "ndjson", "--alerts", "-"}, `{"id":"A`, []string{"connections.ndjson"}},
		{[]string{"-o", "D", "--format", "csv", "--scores", "D/s.csv", "--alerts", "D/a"}, "", []string{"a", "connections.csv", "s.csv"}},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		args := []string{"analyze", name}
		for _, a := range c.args {
			args = append(args, strings.Replace(a, "D", dir, 1))
		}
		var out, errs bytes.Buffer
		if code := Main(args, nil, &out, &errs); code != 0 {
			t.Errorf("%v: exit code %d: %s", c.args, code, errs.String())
		}
		if !strings.HasPrefix(out.String(), c.first) || c.first == "" && out.Len() > 0 {
			t.Errorf("%v: standard output begins %.60q, want %q", c.args, out.String(), c.first)
		}
		var files []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if st, err := e.Info(); err == nil && st.Size() > 0 {
				files = append(files, e.Name())
			}
		}
		if !slices.Equal(files, c.files) {
			t.Errorf("%v: wrote %v, want %v", c.args, files, c.files)
		}
	}
}

func TestAnalyzeErrorsNameTheCause(t *testing.T) {
	good, dir := begin(t, 20_000), t.TempDir()
	text := write(t, dir, "notes.pcap", []byte("these are notes about packets"))
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{text}, 1, []string{"notes.pcap"}},
		{[]string{good, text}, 1, []string{"notes.pcap"}},
		{[]string{filepath.Join(dir, "absent.pcap")}, 1, []string{"absent.pcap"}},
		{[]string{dir}, 1, []string{dir, "directory"}},
		{[]string{good, "--filter", "port nowhere"}, 1, []string{"nowhere"}},
		{[]string{good, "--alerts", filepath.Join(dir, "no", "such", "dir")}, 1, []string{"no/such/dir"}},
		{[]string{good, "--scores", good}, 1, []string{"begin.pcap", "one of the captures"}},
		{nil, 2, []string{"<files>"}},
		{[]string{good, "--format", "xml"}, 2, []string{"--format", "zeek"}},
		{[]string{good, "--partitions=-1"}, 2, []string{"--partitions -1"}},
		{[]string{good, "--partitions", "2000"}, 2, []string{"--partitions 2000", "1024"}},
		{[]string{good, "--format", "zeek", "--alerts", "-"}, 2, []string{"--format zeek", "--alerts -", "-o"}},
		{[]string{good, "--format", "table", "--scores", "-", "-o", dir}, 2, []string{"--format table", "--scores -"}},
		{[]string{good, "--alerts", "-", "--scores", "-"}, 2, []string{"--alerts -", "--scores -"}},
		{[]string{good, "--alerts", "x", "--scores", "./x"}, 2, []string{"--alerts", "--scores"}},
	} {
		var out, errs bytes.Buffer
		if code := Main(append([]string{"analyze"}, c.args...), nil, &out, &errs); code != c.code {
			t.Errorf("%v: exit code %d, want %d; stderr: %s", c.args, code, c.code, errs.String())
		}
		for _, want := range c.want {
			if !strings.Contains(errs.String(), want) {
				t.Errorf("%v: stderr %q, want it to contain %q", c.args, errs.String(), want)
			}
		}
	}
}

func TestAnalyzeTruncatedFile(t *testing.T) {
	var out, errs bytes.Buffer
	if code := Main([]string{"analyze", "--format", "ndjson", begin(t, 100_001)}, nil, &out, &errs); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(errs.String(), "begin.pcap") || !strings.Contains(errs.String(), "ends within a record") {
		t.Errorf("want a warning that names the file, got %q", errs.String())
	}
	if strings.Count(out.String(), "\n") < 3 {
		t.Errorf("want the connections before the truncation, got %q", out.String())
	}
}

func TestAnalyzeIsInterrupted(t *testing.T) {
	b, err := os.ReadFile(captureFile(t))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "analyze", "--format", "ndjson", "-")
	cmd.Env, cmd.Dir = []string{beMain + "=1"}, t.TempDir()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs syncBuffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	// The pipe stays open. Connections are written as they end.
	if _, err := stdin.Write(b[:len(b)/2]); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the first connections", func() bool { return out.String() != "" })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != signalCode(int(syscall.SIGINT)) {
		t.Errorf("exit code %d, want %d; stderr: %s", code, signalCode(int(syscall.SIGINT)), errs.String())
	}
	if s := out.String(); !strings.HasSuffix(s, "}\n") {
		t.Errorf("want complete lines, got …%q", tail(s, 60))
	}
}
