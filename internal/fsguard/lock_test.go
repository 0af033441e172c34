package fsguard

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHelperHolds runs in another process: it takes the lock and waits until its standard
// input ends.
func TestHelperHolds(t *testing.T) {
	path := os.Getenv("FSGUARD_LOCK")
	if path == "" {
		t.Skip("run by the other tests in another process")
	}
	l, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Note("127.0.0.1:9092"); err != nil {
		t.Fatal(err)
	}
	_, _ = os.Stdout.WriteString("held\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// hold starts another process that holds the lock.
func hold(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperHolds$")
	cmd.Env = append(os.Environ(), "FSGUARD_LOCK="+path)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process printed %q, %v", line, err)
	}
	return cmd
}

// The lock keeps other processes out, names its holder, and is released when the holder is
// killed.
func TestLockOfAKilledProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	if h, err := Holder(path); h != nil || err != nil {
		t.Fatalf("without a file: %v, %v", h, err)
	}
	other := hold(t, path)
	_, err := Take(path)
	var held *HeldError
	if !errors.As(err, &held) || held.PID != other.Process.Pid || held.Note != "127.0.0.1:9092" || held.Path != path {
		t.Fatalf("taken while process %d holds it: %+v, %v", other.Process.Pid, held, err)
	}
	if h, err := Holder(path); err != nil || h == nil || h.PID != other.Process.Pid {
		t.Errorf("holder %+v, %v", h, err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // killed
	if h, err := Holder(path); h != nil || err != nil {
		t.Errorf("after kill: %v, %v", h, err)
	}
	l, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if !l.Enforced() {
		t.Error("not enforced on this system")
	}
	if _, err := Take(path); !errors.As(err, &held) || held.PID != os.Getpid() || held.Note != "" {
		t.Errorf("a second time in one process: %+v, %v", held, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	l, err = Take(path)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	_ = l.Close()
}

// A call of Holder does not make Take fail.
func TestHolderDoesNotBlockTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	l, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	done := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := Holder(path); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	for range 200 {
		l, err := Take(path)
		if err != nil {
			t.Error(err)
			break
		}
		_ = l.Close()
	}
	close(stop)
	<-done
}

func TestTakeErrors(t *testing.T) {
	dir := t.TempDir()
	l, err := Take(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	begin := time.Now()
	if _, err := Take(filepath.Join(dir, "a")); err == nil || time.Since(begin) > 10*takeFor {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	if _, err := Take(filepath.Join(dir, "none", "a")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("without a directory: %v", err)
	}
	if noFollow == 0 {
		return
	}
	target := filepath.Join(dir, "target")
	if err := errors.Join(os.WriteFile(target, []byte("kept"), 0o600), os.Symlink(target, filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	if _, err := Take(filepath.Join(dir, "link")); err == nil {
		t.Error("locked through a symbolic link")
	}
	if b, err := os.ReadFile(target); string(b) != "kept" {
		t.Errorf("wrote through a symbolic link: %q, %v", b, err)
	}
}
