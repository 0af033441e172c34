package live

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
)

func TestUnknownInterface(t *testing.T) {
	_, err := Open("nosuch0", capture.Options{})
	if err == nil || !strings.Contains(err.Error(), `"nosuch0" does not exist`) {
		t.Fatalf("error %v", err)
	}
	for _, name := range Interfaces() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not list %s", err, name)
		}
	}
	if _, err := Open("any", capture.Options{}); err == nil || !strings.Contains(err.Error(), "name one of") {
		t.Errorf("any: %v", err)
	}
}

// TestMissingPrivilege: one line that can be pasted, and the way without privilege.
func TestMissingPrivilege(t *testing.T) {
	err := explain("eth0", fmt.Errorf("socket: %w", fs.ErrPermission))
	exe, _ := os.Executable()
	for _, want := range []string{"sudo setcap cap_net_raw,cap_net_admin=eip " + exe, "--replay", "eth0"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Error("it is more than one line")
	}
	for in, want := range map[string]string{"/usr/bin/netlyra": "/usr/bin/netlyra", "/home/a b/it's": `'/home/a b/it'\''s'`} {
		if got := shellQuote(in); got != want {
			t.Errorf("%s is quoted %s", in, got)
		}
	}
}

// quiet returns options whose log goes to a buffer.
func quiet() (capture.Options, *bytes.Buffer) {
	var b bytes.Buffer
	return capture.Options{Log: slog.New(slog.NewTextHandler(&b, nil))}, &b
}
