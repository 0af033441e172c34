package fsguard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func take(t *testing.T, path string) *Lock {
	t.Helper()
	l, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func heldBy(t *testing.T, path string) *HeldError {
	t.Helper()
	h, err := Holder(path)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// At most one of many goroutines holds the lock at a time, as at most one process does.
func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	var holders, taken atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				l, err := Take(path)
				if err != nil {
					var held *HeldError
					if !errors.As(err, &held) || held.Path != path {
						t.Errorf("error %v", err)
					}
					continue
				}
				taken.Add(1)
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders", n)
				}
				runtime.Gosched()
				holders.Add(-1)
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() == 0 {
		t.Error("the lock was never taken")
	}
	if h := heldBy(t, path); h != nil {
		t.Errorf("held by %s after all were closed", h.Holder())
	}
}

// What an earlier holder wrote is removed, even if it is longer.
func TestContentOfTheEarlierHolderIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	first := take(t, path)
	if err := first.Note(strings.Repeat("n", 200)); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if h := heldBy(t, path); h != nil {
		t.Errorf("a closed lock is held: %+v", h)
	}
	second := take(t, path)
	if h := heldBy(t, path); h == nil || h.Note != "" || h.PID != os.Getpid() {
		t.Errorf("after the second Take: %+v", h)
	}
	if err := second.Note("127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	if h := heldBy(t, path); h == nil || h.Note != "127.0.0.1:1" {
		t.Errorf("after Note: %+v", h)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if err := second.Note("late"); err == nil {
		t.Error("Note after Close returned no error")
	}
	if err := second.Close(); err == nil {
		t.Error("the second Close returned no error")
	}
}

// The content of a held file may be incomplete or damaged; the lock is reported as held.
func TestHolderWithDamagedContent(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		pid     int
		note    string
		holder  string
	}{
		"empty":              {"", 0, "", "another process"},
		"not a number":       {"x\n", 0, "", "another process"},
		"without a newline":  {"4711", 4711, "", "process 4711"},
		"with a note":        {"4711\n127.0.0.1:9092\n", 4711, "127.0.0.1:9092", "process 4711"},
		"several notes":      {"4711\na\nb\n", 4711, "a\nb", "process 4711"},
		"spaces":             {" 4711 \n", 4711, "", "process 4711"},
		"zeros":              {"\x00\x00\x00\x00", 0, "", "another process"},
		"only a note":        {"\nnote\n", 0, "", "another process"},
		"longer than read":   {"4711\n" + strings.Repeat("n", 1000), 4711, strings.Repeat("n", 251), "process 4711"},
		"a number too large": {"99999999999999999999\n", 0, "", "another process"},
		"a negative number":  {"-4711\n", 0, "", "another process"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.lock")
			take(t, path)
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			h := heldBy(t, path)
			if h == nil {
				t.Fatal("the lock is not reported as held")
			}
			if h.PID != tt.pid || h.Note != tt.note || h.Path != path {
				t.Errorf("%+v, want process %d with note %q", h, tt.pid, tt.note)
			}
			if h.Holder() != tt.holder || h.Error() != fmt.Sprintf("%s is held by %s", path, tt.holder) {
				t.Errorf("%q, %q", h.Holder(), h.Error())
			}
		})
	}
}

// Locks of different files are independent, also of files with the same name.
func TestLocksOfDifferentFiles(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "x.lock"), filepath.Join(t.TempDir(), "x.lock")
	first := take(t, a)
	take(t, b)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if heldBy(t, a) != nil || heldBy(t, b) == nil {
		t.Errorf("after one was closed: %+v, %+v", heldBy(t, a), heldBy(t, b))
	}
}

// A hard link is the same file and has the same lock.
func TestLockThroughAHardLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "x.lock"), filepath.Join(dir, "y.lock")
	take(t, path)
	if err := os.Link(path, link); err != nil {
		t.Skip("the file system has no hard links")
	}
	if h := heldBy(t, link); h == nil || h.PID != os.Getpid() || h.Path != link {
		t.Errorf("holder %+v", h)
	}
	var held *HeldError
	if _, err := Take(link); !errors.As(err, &held) || held.Path != link {
		t.Errorf("error %v", err)
	}
}

// Holder leaves the file as it is: it neither creates nor writes it.
func TestHolderDoesNotWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.lock")
	if h := heldBy(t, path); h != nil {
		t.Errorf("without a file: %+v", h)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("Holder created the file")
	}
	if err := os.WriteFile(path, []byte("4711\nkept\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if h := heldBy(t, path); h != nil {
		t.Errorf("a file without a lock is held: %+v", h)
	}
	if b, err := os.ReadFile(path); string(b) != "4711\nkept\n" {
		t.Errorf("content %q, %v", b, err)
	}
	if _, err := Holder(filepath.Join(path, "below")); err == nil {
		t.Error("a path below a file returned no error")
	}
}

// A failed Take leaves no lock and no file descriptor behind.
func TestFailedTakeReleasesItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	l := take(t, path)
	before := descriptors(t)
	for range 3 {
		if _, err := Take(path); err == nil {
			t.Fatal("taken twice")
		}
	}
	for range 100 {
		if heldBy(t, path) == nil {
			t.Fatal("not held")
		}
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d open descriptors, %d before", after, before)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	take(t, path)
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("the system does not list open descriptors")
	}
	return len(list)
}

// Errors of Create and MkdirAll name the path; concurrent calls of Create do not truncate.
func TestCreateErrorsAndConcurrency(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Create below a file":               Create(filepath.Join(file, "a")),
		"Create in no directory":            Create(filepath.Join(dir, "none", "a")),
		"MkdirAll of a file":                MkdirAll(file),
		"MkdirAll below a file":             MkdirAll(filepath.Join(file, "a")),
		"Take of a directory":               takeError(dir),
		"Take below a file":                 takeError(filepath.Join(file, "a")),
		"Create of a path with a NUL":       Create("a\x00b"),
		"Holder of a path with a NUL":       holderError("a\x00b"),
		"Take of a path with a NUL":         takeError("a\x00b"),
		"Create of the empty path":          Create(""),
		"Take of the empty path":            takeError(""),
		"MkdirAll of a path with a NUL":     MkdirAll("a\x00b"),
		"Create of a path that is too long": Create(filepath.Join(dir, strings.Repeat("x", 5000))),
	} {
		var path *os.PathError
		if !errors.As(err, &path) {
			t.Errorf("%s: error %v, want one with the path", name, err)
		}
	}
	shared := filepath.Join(dir, "shared")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if err := Create(shared); err != nil {
				t.Error(err)
			}
			if f, err := os.OpenFile(shared, os.O_WRONLY|os.O_APPEND, 0); err != nil {
				t.Error(err)
			} else {
				_, _ = fmt.Fprintf(f, "%02d\n", i)
				_ = f.Close()
			}
		})
	}
	wg.Wait()
	if b, err := os.ReadFile(shared); err != nil || len(b) != 16*3 {
		t.Errorf("%d bytes, want %d (%v)", len(b), 16*3, err)
	}
	if err := Create(dir); err != nil {
		t.Errorf("an existing directory: %v", err)
	}
}

func takeError(path string) error {
	l, err := Take(path)
	if err == nil {
		_ = l.Close()
	}
	return err
}

func holderError(path string) error {
	_, err := Holder(path)
	return err
}
