package faults_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/faults"
)

// moments returns n random points of a replay at which to inject faults: one in each n-th of
// it, and none in the last tenth, so that packets are left. The seed is logged, so that a run
// can be repeated.
func moments(t *testing.T, n int) (at []float64) {
	t.Helper()
	s := uint64(*seed)
	if s == 0 {
		s = rand.Uint64N(1 << 31)
	}
	t.Logf("moments of seed %d", s)
	rng := rand.New(rand.NewPCG(s, 1))
	for i := range n {
		at = append(at, 0.9*(float64(i)+0.1+0.8*rng.Float64())/float64(n))
	}
	return at
}

// lasting returns the duration of a replay for n faults. Recovery from each takes about the
// session timeout plus a second.
func lasting(n int) time.Duration { return time.Duration(n) * (*session + 1500*time.Millisecond) }

// TestEngineKilled kills the engine with SIGKILL at random times of one replay and
// immediately starts another, which waits until the session of the killed one expires.
func TestEngineKilled(t *testing.T) {
	t.Parallel()
	killEngine(t, 3**runs, nil)
}

// TestNamedEngineKilled restarts it with its own name (static membership, KIP-345), so that
// no session has to expire.
func TestNamedEngineKilled(t *testing.T) {
	t.Parallel()
	killEngine(t, 2**runs, map[string]string{"GROUP_INSTANCE_ID": "one"})
}

// killEngine kills the only engine several times and logs the recovery times.
func killEngine(t *testing.T, times int, env map[string]string) {
	t.Helper()
	ref := office(t)
	at := moments(t, times)
	cfg := config()
	cfg.Engines, cfg.Env = 0, env
	r := faults.New(t, cfg)
	engine := r.StartEngine(r.Address)
	replay := r.Replay(ref.Capture, rate(ref, lasting(len(at))))
	var took []time.Duration
	for _, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		before := r.Taken()
		began := time.Now()
		engine.Kill()
		engine = r.StartEngine(r.Address)
		if before == ref.Packets { // the machine is slow and all packets are processed
			continue
		}
		faults.Eventually(t, time.Minute, "new packets", func() bool { return r.Taken() > before })
		took = append(took, time.Since(began))
	}
	r.Check(replay, ref)
	if len(took) == 0 {
		t.Fatal("all packets were processed before the first fault")
	}
	slices.Sort(took)
	t.Logf("recovery from kill -9 of the engine to new packets: p50 %v, max %v of %d (session timeout %v)",
		took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), len(took), r.Config.Session)
}

// TestCoreKilled kills the core with SIGKILL while rows are written.
func TestCoreKilled(t *testing.T) {
	t.Parallel()
	strike(t, 2**runs, func(r *faults.Rig) {
		r.Core.Kill()
		r.StartCore()
	})
}

// strike replays the office's capture and calls do at several times.
func strike(t *testing.T, times int, do func(r *faults.Rig)) {
	t.Helper()
	ref := office(t)
	at := moments(t, times)
	r := faults.New(t, config())
	replay := r.Replay(ref.Capture, rate(ref, lasting(len(at))))
	for _, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		do(r)
	}
	r.Check(replay, ref)
}

// TestReplayKilled kills the replay with SIGKILL and runs it again from the beginning
// with the same name (PACKETS_PRODUCER): its packets have the same numbers, so the engine
// skips those that it has processed.
func TestReplayKilled(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, *runs)
	cfg := config()
	cfg.Env = map[string]string{"PACKETS_PRODUCER": "the office"}
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, 3*time.Second))
	for _, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		replay.Kill()
		replay = r.Replay(ref.Capture, rate(ref, 3*time.Second))
	}
	r.Check(replay, ref)
}

// TestUpKilled kills netlyra up, including its embedded broker, and restarts it
// with its replay from the beginning.
func TestUpKilled(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, 2**runs)
	cfg := config()
	cfg.Env = map[string]string{"PACKETS_PRODUCER": "the office"}
	r := faults.AllInOne(t, cfg)
	speed := sharedLength.Seconds() / 4
	up := r.StartUp(ref.Capture, speed)
	for _, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		up.Kill()
		up = r.StartUp(ref.Capture, speed)
	}
	r.CheckTaken(ref)
	r.CheckStored(ref)
	r.CheckProcesses()
}

// TestBrokerKilled kills the broker with SIGKILL under load and restarts it on its directory.
func TestBrokerKilled(t *testing.T) {
	t.Parallel()
	strike(t, 2**runs, func(r *faults.Rig) {
		r.Broker.Kill()
		r.StartBroker()
	})
}

// TestEngineSuspended suspends an engine for longer than its session, lets another
// one take over, and resumes it: it must detect that it no longer owns its lane.
func TestEngineSuspended(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, *runs)
	cfg := config()
	cfg.Engines = 1
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, lasting(len(at)+2)))
	worker := r.Engines[0]
	r.WaitTaken(1)
	standby := r.StartEngine(r.Address)
	for _, share := range at {
		waitMembers(t, r, 2)
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		before := r.Taken()
		worker.Suspend()
		faults.Eventually(t, time.Minute, "the other engine has taken over", func() bool { return r.Taken() > before || before == ref.Packets })
		worker.Resume()
		worker, standby = standby, worker
	}
	r.Check(replay, ref)
}
