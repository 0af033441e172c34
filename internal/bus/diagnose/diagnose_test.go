package diagnose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/obs"
)

// examine returns the findings of Run, one line each: status and code, check, detail, advice.
func examine(t *testing.T, cfg client.Config, deps client.Deps, groups ...string) string {
	t.Helper()
	var b strings.Builder
	Run(t.Context(), Request{Config: cfg, Deps: deps, Groups: groups}, func(f obs.Finding) {
		if (f.Advice == "") != (f.Status == obs.StatusOK) {
			t.Errorf("advice and status do not match: %+v", f)
		}
		status := f.Status
		if f.Code != "" {
			status += " " + f.Code
		}
		fmt.Fprintf(&b, "%s | %s | %s | %s\n", status, f.Check, f.Detail, f.Advice)
	})
	return b.String()
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		found := false
		for line := range strings.Lines(got) {
			rest, all := line, true
			for part := range strings.SplitSeq(w, "…") {
				_, after, ok := strings.Cut(rest, part)
				rest, all = after, all && ok
			}
			found = found || all
		}
		if !found {
			t.Errorf("no line %q in\n%s", w, got)
		}
	}
}

// TestHealthyCluster checks a cluster with a member and a checkpoint.
func TestHealthyCluster(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	h := bustest.NewCollector()
	bustest.Publish(t, c, 0, 100)
	g, _ := bustest.Join(t, c, consumer.GroupConfig{InstanceID: "engine-1"}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.New(c, checkpoint.DefaultConfig()).Save(t.Context(), c.Config().EngineGroup, 0, 3, make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	got := examine(t, c.Config(), client.Deps{}, c.Config().EngineGroup, "unused")
	wantLines(t, got,
		"ok broker | broker …answers (without TLS)",
		"ok cluster | cluster | …broker",
		"ok groups | group "+c.Config().EngineGroup+" | Stable, …engine-1 (static)…has "+c.Config().Topics.Packets+" 0 1",
		"ok groups | group unused | has never been used",
		"ok checkpoints | checkpoint of lane 0 | 4 KiB, …at offset 3 of 0…",
		"ok broker_clocks | clocks |")
	if strings.Contains(got, obs.StatusFailed) {
		t.Errorf("a check failed:\n%s", got)
	}
	if cfg := c.Config(); cfg.Replication < 0 && len(cfg.Brokers) == 1 {
		wantLines(t, got, "ok topics | topics | all 7 match the configuration…has 2 partitions")
	}
}

// TestProblems checks topics that differ from the configuration, a group without members and
// a checkpoint before the start of the log. A client logs the same differences of topics.
func TestProblems(t *testing.T) {
	b := bustest.StartBroker(t, "")
	old := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions, c.PacketsRetention = 1, time.Minute })
	bustest.Publish(t, old, 0, 20)
	h := bustest.NewCollector()
	h.Unsafe = true
	g, stop := bustest.Join(t, old, consumer.GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	bustest.Publish(t, old, 20, 30)
	if err := checkpoint.New(old, checkpoint.DefaultConfig()).Save(t.Context(), old.Config().EngineGroup, 0, 2, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Cluster().DeleteRecords(old.Config().Topics.Packets, 0, 10); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c := bustest.Dial(t, b.Addr(), client.Deps{Log: bustest.TextLog(&log)}, func(c *client.Config) { c.Partitions, c.EventsRetention = 3, time.Hour })
	got := examine(t, c.Config(), client.Deps{}, c.Config().EngineGroup)
	wantLines(t, got,
		"warning topics | topic "+c.Config().Topics.Packets+" | 1 partitions, 3 configured…PACKETS_PARTITIONS=1",
		"warning topics | topic "+c.Config().Topics.Packets+" | retention.ms is 60000 (1m0s), 3600000 (1h0m0s) configured…kafka-configs.sh",
		"warning topics | topic "+c.Config().Topics.Alerts+" | retention.ms",
		"warning groups | group "+c.Config().EngineGroup+" | no members, lag 10 records…netlyra engine",
		"warning checkpoints | checkpoint of lane 0 | …removed 8 records")
	for _, want := range []string{"1 partitions, 3 configured", "retention.ms is 60000", "hint="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not contain %q:\n%s", want, log.String())
		}
	}
}

func TestSplitLanes(t *testing.T) {
	d := diagnosis{Request: Request{Lanes: 2}}
	if lane, ok := d.splitLane(map[int32]string{0: "a", 2: "a", 1: "b", 3: "b"}); ok {
		t.Errorf("lane %d is split, want none: each engine has one lane", lane)
	}
	if lane, ok := d.splitLane(map[int32]string{0: "a", 1: "b", 2: "b", 3: "b"}); !ok || lane != 0 {
		t.Errorf("split lane: %d, %v; want lane 0", lane, ok)
	}
}
