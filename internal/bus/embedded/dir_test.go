package embedded

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

func TestRunning(t *testing.T) {
	dir := t.TempDir()
	is := func(want string) {
		t.Helper()
		if addr, err := Running(dir); addr != want || err != nil {
			t.Errorf("running at %q, %v; want %q", addr, err, want)
		}
	}
	is("")
	if Kept(dir) {
		t.Error("Kept is true for an empty directory")
	}
	b := start(t, testConfig(dir))
	is(b.Addr())
	if _, err := Start(t.Context(), testConfig(dir)); err == nil || !strings.Contains(err.Error(), "KAFKA_BROKERS="+b.Addr()) {
		t.Errorf("the error of a second start does not say how to connect: %v", err)
	}
	_ = b.Close()
	is("")
	if !Kept(dir) {
		t.Error("Kept is false after Close")
	}
}

// TestFrozen checks that retention is not applied to a log above its limit while it is frozen.
func TestFrozen(t *testing.T) {
	cfg := testConfig(t.TempDir())
	cfg.SegmentBytes, cfg.RetentionInterval = 1<<16, time.Hour
	b := start(t, cfg)
	if err := b.Cluster().CreateTopic("t", 1, nil); err != nil {
		t.Fatal(err)
	}
	value := string(make([]byte, 32<<10))
	produce(t, b.Addr(), "t", value, value, value, value, value, value, value, value)
	_ = b.Close()
	cfg.RetentionBytes, cfg.RetentionInterval = 1<<10, time.Millisecond
	for _, frozen := range []bool{true, false} {
		cfg.Frozen = frozen
		b := start(t, cfg)
		if !frozen {
			b.Cluster().ApplyRetention()
		}
		starts, err := kadm.NewClient(client(t, b.Addr())).ListStartOffsets(t.Context(), "t")
		if err != nil {
			t.Fatal(err)
		}
		if o, _ := starts.Lookup("t", 0); (o.Offset == 0) != frozen {
			t.Errorf("frozen %v: the log starts at offset %d", frozen, o.Offset)
		}
		_ = b.Close()
	}
}
