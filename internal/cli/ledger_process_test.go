package cli

import (
	"maps"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// watchLedger polls the ledger of a core until stop is called, and reports the first equation
// that does not hold.
func watchLedger(t *testing.T, url string) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				var l models.Ledger
				if get(url+"/api/v1/ledger", &l) != nil {
					continue // the core may be restarting
				}
				for _, c := range l.Checks {
					if !c.Holds {
						t.Errorf("at rest %v: %+v", l.AtRest, c)
						return
					}
				}
			}
		}
	}()
	return func() { close(quit); <-done }
}

// atRest waits until the core's ledger is at rest, and returns it.
func atRest(t *testing.T, url string) (l models.Ledger) {
	t.Helper()
	eventually(t, 60*time.Second, "the ledger at rest", func() bool {
		return get(url+"/api/v1/ledger", &l) == nil && l.AtRest
	})
	if !l.AddsUp {
		t.Errorf("the ledger is at rest and does not balance: %+v", l.Checks)
	}
	return l
}

// TestLedgerUnderKill9 kills the engine and then the core during a replay: the equations of
// the ledger must always hold, and without packets in flight once the ledger is at rest.
func TestLedgerUnderKill9(t *testing.T) {
	capture, dir := captureFile(t), t.TempDir()
	frames, port := framesIn(t, capture), freePort(t)
	url := "http://127.0.0.1:" + port
	env := map[string]string{
		"KAFKA_BROKERS": startBroker(t), "API_PORT": port, "WS_PORT": "0", "DB_PATH": filepath.Join(dir, "netlyra.db"), "CHECKPOINT_EVERY": "500ms",
		"PACKETS_PARTITIONS": "3", "KAFKA_SESSION_TIMEOUT": "1s",
	}
	core := start(t, env, "core")
	engine := start(t, env, "engine")
	var stats models.Stats
	eventually(t, 30*time.Second, "the API", func() bool { return get(url+"/api/v1/stats", &stats) == nil })
	stop := watchLedger(t, url)
	replay := start(t, env, "replay", capture, "--rate", strconv.Itoa(max(frames/8, 1000)))
	processed := func() (n uint64) {
		var l models.Ledger
		if get(url+"/api/v1/ledger", &l) == nil {
			for _, p := range l.Lanes {
				n += p.Packets
			}
		}
		return n
	}
	eventually(t, 60*time.Second, "a quarter of the packets processed", func() bool { return processed() > uint64(frames/4) })
	engine.kill()
	start(t, env, "engine")
	eventually(t, 60*time.Second, "half of the packets processed", func() bool { return processed() > uint64(frames/2) })
	core.kill()
	start(t, env, "core")
	if code := replay.wait(60 * time.Second); code != 0 {
		t.Fatalf("replay: exit code %d", code)
	}
	l := atRest(t, url)
	stop()
	for _, c := range l.Checks {
		if c.Name == vocabulary.CheckLog && (sum(c.In) != uint64(frames) || len(c.In) != 1 || sum(c.Out) != uint64(frames)) {
			t.Errorf("%d frames: %+v", frames, c)
		}
	}
	eventually(t, 20*time.Second, "only the killed processes as lost", func() bool {
		states := map[string]int{}
		if get(url+"/api/v1/ledger", &l) == nil {
			for _, p := range l.Processes {
				states[p.Role+" "+p.State]++
			}
		}
		return maps.Equal(states, map[string]int{
			"replay " + vocabulary.ProcessEnded: 1, "engine " + vocabulary.ProcessRunning: 1, "engine " + vocabulary.ProcessLost: 1,
			"core " + vocabulary.ProcessRunning: 1, "core " + vocabulary.ProcessLost: 1,
		})
	})
	p := start(t, env, "ledger", "--wait", "30s")
	if code := p.wait(60 * time.Second); code != 0 {
		t.Errorf("netlyra ledger: exit code %d", code)
	}
}
