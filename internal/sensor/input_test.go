package sensor

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyFilesAreNumberedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.pcap")
	if err := os.WriteFile(file, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := func(in Input) string { return in.Producer("night") }
	first := name(Input{Files: []string{file}})
	if first == "" || first != name(Input{Files: []string{file}}) {
		t.Errorf("the same file is numbered as %q, then otherwise", first)
	}
	for what, in := range map[string]Input{"interface": {Iface: "eth0"}, "demo": {Demo: true}, "standard input": {Files: []string{"-"}}} {
		if got := name(in); got != "" {
			t.Errorf("%s is numbered as %q, though it cannot be read again", what, got)
		}
	}
	if err := os.WriteFile(file, []byte("123456"), 0o600); err != nil {
		t.Fatal(err)
	}
	if name(Input{Files: []string{file}}) == first {
		t.Error("another file has the same name")
	}
	if in := (Input{Files: []string{file}}); in.Producer("") != "" {
		t.Error("no name was requested")
	}
}
