package faults_test

import (
	"context"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/faults"
)

// scarce are limits of file descriptors with which NetLyra must survive floods.
var scarce = []int{64, 200}

// TestUpWithFewDescriptors floods all three ports of a NetLyra in one process that has few
// file descriptors. It must continue during the flood and report that it is healthy after it.
func TestUpWithFewDescriptors(t *testing.T) {
	for _, limit := range scarce {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			t.Parallel()
			ref := office(t)
			cfg := config()
			cfg.Env = map[string]string{faults.Descriptors: strconv.Itoa(limit)}
			r := faults.AllInOne(t, cfg)
			up := r.StartUp(ref.Capture, sharedLength.Seconds()/6)
			r.WaitTaken(ref.Packets / 8)
			flood := floodPorts(t, r.API(), port(t, up, `websocket +ws://([0-9.:]+)/`), up.BrokerAddress())
			faults.Eventually(t, time.Minute, "more connections than a process can hold", func() bool { return flood.exceeds(limit) })
			flood.end()
			wantHealthy(t, r)
			r.CheckTaken(ref)
			r.CheckStored(ref)
			r.CheckProcesses()
		})
	}
}

// TestFewDescriptors is TestUpWithFewDescriptors with one process per role.
func TestFewDescriptors(t *testing.T) {
	for _, limit := range scarce {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			t.Parallel()
			ref := office(t)
			cfg := config()
			cfg.Engines = 1
			cfg.Env = map[string]string{faults.Descriptors: strconv.Itoa(limit)}
			r := faults.New(t, cfg)
			replay := r.Replay(ref.Capture, rate(ref, 6*time.Second))
			r.WaitTaken(ref.Packets / 8)
			flood := floodPorts(t, r.API(), port(t, r.Core, `websocket +ws://([0-9.:]+)/`), r.Address)
			faults.Eventually(t, time.Minute, "more connections than a process can hold", func() bool { return flood.exceeds(limit) })
			flood.end()
			wantHealthy(t, r)
			r.Check(replay, ref)
		})
	}
}

// port returns the address that a process has printed.
func port(t *testing.T, p *faults.Process, pattern string) (addr string) {
	t.Helper()
	line := regexp.MustCompile(pattern)
	faults.Eventually(t, 20*time.Second, "the address "+pattern, func() bool {
		if m := line.FindStringSubmatch(p.Stdout.String() + p.Stderr.String()); m != nil {
			addr = m[1]
		}
		return addr != ""
	})
	return addr
}

// flooding opens connections until it is stopped.
type flooding struct {
	opened atomic.Int64
	stop   context.CancelFunc
	all    sync.WaitGroup
	once   sync.Once
}

// mostFlood is the maximum number of connections of one test.
const mostFlood = 60_000

// floodPorts opens connections to each address and keeps hundreds of them open, until the
// test ends or end is called.
func floodPorts(t *testing.T, addresses ...string) *flooding {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &flooding{stop: cancel}
	for i, addr := range addresses {
		f.all.Go(func() { connect(ctx, addr, i, mostFlood/len(addresses), &f.opened) })
	}
	t.Cleanup(f.end)
	return f
}

// exceeds reports whether more connections were opened than a process could hold.
func (f *flooding) exceeds(limit int) bool { return f.opened.Load() > int64(8*limit) }

// end ends the flood.
func (f *flooding) end() {
	f.once.Do(func() { f.stop(); f.all.Wait() })
}

// wantHealthy waits until the health status is ok.
func wantHealthy(t *testing.T, r *faults.Rig) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("health: %s", r.Health())
		}
	})
	faults.Eventually(t, 30*time.Second, "health is ok again", func() bool {
		var h struct{ Status string }
		return r.Get("health", &h) == nil && h.Status == "ok"
	})
}
