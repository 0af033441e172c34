package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// called runs a command in this process.
func called(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Main(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// TestEvalWrittenCapture evaluates a capture written by gen and checks the fields of the JSON.
func TestEvalWrittenCapture(t *testing.T) {
	dir := t.TempDir()
	capture, labels := filepath.Join(dir, "c.pcap"), filepath.Join(dir, "c.csv")
	if code, _, errs := called("gen", "-o", capture, "--labels", labels, "--duration", "25s", "--attacks", "syn_scan"); code != exitDone {
		t.Fatalf("gen: %d, %s", code, errs)
	}
	code, out, errs := called("eval", "packets", capture, "--labels", labels, "--json")
	if code != exitDone {
		t.Fatalf("eval packets: %d, %s", code, errs)
	}
	var r map[string]any
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for _, key := range []string{"roc_auc", "average_precision", "detected", "detected_after_packets", "detected_after_seconds",
		"false_alerts_per_hour", "benign_above", "alerts", "by_attack"} {
		if _, ok := r[key]; !ok {
			t.Errorf("no %s in the JSON", key)
		}
	}
	if r["detected"] != true {
		t.Errorf("the scan is not detected: %s", out)
	}
	if code, out, _ := called("eval", "packets", capture, "--labels", labels); code != exitDone || !strings.Contains(out, "ROC-AUC") {
		t.Errorf("as text: %d, %s", code, out)
	}
}

// TestEvalHours places an attack in an hour of generated traffic, as text and as JSON.
func TestEvalHours(t *testing.T) {
	dir := t.TempDir()
	benign, attack := filepath.Join(dir, "benign.pcap"), filepath.Join(dir, "attack.pcap")
	for name, kind := range map[string]string{benign: "none", attack: "syn_scan"} {
		if code, _, errs := called("gen", "-o", name, "--duration", "15s", "--attacks", kind); code != exitDone {
			t.Fatalf("gen: %d, %s", code, errs)
		}
	}
	args := []string{"eval", "packets", "--benign", benign, "--attacks", attack, "--seeds", "1", "--hosts", "1"}
	code, out, errs := called(append(args, "--json")...)
	var r struct {
		Hours []struct{ Frames int }
		Kinds []struct{ Found, Runs int }
	}
	if err := json.Unmarshal([]byte(out), &r); code != exitDone || err != nil || len(r.Hours) != 1 || len(r.Kinds) != 1 || r.Kinds[0].Runs != 1 {
		t.Fatalf("eval packets: %d, %v, %s\n%s", code, err, errs, out)
	}
	if code, out, errs := called(append(args, "-v")...); code != exitDone || !strings.Contains(out, "attack.pcap") || !strings.Contains(out, "hour of seed 1") {
		t.Errorf("eval packets: %d, %s\n%s", code, errs, out)
	}
}

// TestEvalErrors checks messages and exit codes.
func TestEvalErrors(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short.csv")
	if err := os.WriteFile(short, []byte("a,label\n1,0\n2,1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"eval packets x.pcap", exitUsage, "--labels"},
		{"eval packets", exitUsage, "CAPTURE"},
		{"eval packets x.pcap --benign dir", exitUsage, "x.pcap"},
		{"eval packets --attacks dir", exitUsage, "no benign captures"},
		{"eval packets --benign none", exitFailed, "none"},
		{"eval packets --benign none --hosts 0", exitUsage, "hosts 0"},
		{"eval packets x.pcap --labels none.csv", exitFailed, "none.csv"},
		{"eval packets none.pcap --labels " + short, exitFailed, "none.pcap"},
		{"eval points none.csv", exitFailed, "none.csv"},
		{"eval points " + short, exitFailed, "first window"},
		{"eval points " + short + " --seeds 0", exitUsage, "--seeds 0"},
		{"eval points " + short + " --mode best", exitUsage, "best"},
		{"eval suite --seeds 0", exitUsage, "--seeds 0"},
		{"eval suite --attacks smurf", exitFailed, "syn_scan"},
		{"eval suite --floors none.json", exitFailed, "none.json"},
	} {
		code, _, errs := called(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, %q; want %d and %q", c.args, code, errs, c.code, c.want)
		}
	}
}
