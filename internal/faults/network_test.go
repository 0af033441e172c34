package faults_test

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// behind returns a Rig whose only engine connects to the broker through a Proxy.
func behind(t *testing.T) (*faults.Rig, *faults.Proxy) {
	t.Helper()
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	net := faults.NewProxy(t, r.Address)
	r.StartEngine(net.Addr())
	return r, net
}

// TestNetworkCut resets all connections of the engine until the group has removed it.
func TestNetworkCut(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, 2**runs)
	r, net := behind(t)
	replay := r.Replay(ref.Capture, rate(ref, lasting(len(at))))
	for _, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		net.Cut()
		waitMembers(t, r, 0)
		net.Heal()
		waitMembers(t, r, 1)
	}
	r.Check(replay, ref)
	r.Engines[0].Says(time.Second, string(vocabulary.EventBrokerUnreachable))
}

// TestNetworkSilent drops all data between the engine and the broker, without errors,
// until another engine has taken over. Then the data in flight arrives late: writes of an
// engine that no longer owns the lane.
func TestNetworkSilent(t *testing.T) {
	t.Parallel()
	ref := office(t)
	r, net := behind(t)
	replay := r.Replay(ref.Capture, rate(ref, lasting(3)))
	r.WaitTaken(ref.Packets / 4)
	r.StartEngine(r.Address)
	waitMembers(t, r, 2)
	before := r.Taken()
	net.Silence()
	faults.Eventually(t, time.Minute, "the other engine has taken over", func() bool { return r.Taken() > before })
	net.Heal()
	r.Check(replay, ref)
}

// TestNetworkHalfClosed ends one direction of each of the engine's connections.
func TestNetworkHalfClosed(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, 4**runs)
	r, net := behind(t)
	replay := r.Replay(ref.Capture, rate(ref, 6*time.Second))
	for _, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		net.HalfClose()
	}
	r.Check(replay, ref)
}

// TestSlowBroker puts a slow network between all processes and the broker.
func TestSlowBroker(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	net := faults.NewProxy(t, r.Address)
	r.Core.Kill()
	r.StartCoreAt(net.Addr())
	r.StartEngine(net.Addr())
	replay := r.ReplayAt(net.Addr(), nil, ref.Capture, rate(ref, 4*time.Second))
	r.WaitTaken(ref.Packets / 4)
	net.Slow(40*time.Millisecond, 1<<20)
	r.WaitTaken(ref.Packets * 3 / 4)
	net.Heal()
	r.Check(replay, ref)
}

// TestRebalanceStorm starts and stops engines under load, cleanly and by SIGKILL: one, four,
// two.
func TestRebalanceStorm(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 1
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, time.Duration(*runs)*lasting(3)))
	for i := range *runs {
		r.WaitTaken(ref.Packets * uint64(3*i+1) / uint64(4**runs))
		for range 3 {
			r.StartEngine(r.Address)
		}
		waitMembers(t, r, 4)
		live := running(r.Engines)
		live[0].Stop(30 * time.Second)
		live[1].Kill()
		waitMembers(t, r, 2)
		if i < *runs-1 {
			live[2].Stop(30 * time.Second)
			waitMembers(t, r, 1)
		}
	}
	r.Check(replay, ref)
}

func running(all []*faults.Process) (live []*faults.Process) {
	for _, p := range all {
		if p.Running() {
			live = append(live, p)
		}
	}
	return live
}
