package sensor

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyFilesHaveProducers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.pcap")
	if err := os.WriteFile(file, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := func(in Input) string { return in.Producer("night") }
	first := name(Input{Files: []string{file}})
	if first == "" || first != name(Input{Files: []string{file}}) {
		t.Errorf("the same file has the producer %q, then another one", first)
	}
	for what, in := range map[string]Input{"interface": {Iface: "eth0"}, "demo": {Demo: true}, "standard input": {Files: []string{"-"}}} {
		if got := name(in); got != "" {
			t.Errorf("%s has the producer %q, but cannot be read again", what, got)
		}
	}
	if err := os.WriteFile(file, []byte("123456"), 0o600); err != nil {
		t.Fatal(err)
	}
	if name(Input{Files: []string{file}}) == first {
		t.Error("a changed file has the same producer")
	}
	if in := (Input{Files: []string{file}}); in.Producer("") != "" {
		t.Error("a single pass without a name has a producer")
	}
}
