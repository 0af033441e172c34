package faults

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Published waits for a replay to end and returns the number of packets that it published.
func (r *Rig) Published(replay *Process) uint64 {
	r.T.Helper()
	r.await("the end of the replay", func() bool { return !replay.Running() })
	if code := replay.Wait(time.Second); code != 0 {
		r.T.Fatalf("replay: exit code %d", code)
	}
	return Figure(r.T, replay.Stdout.String(), `packets published +(\d+)`)
}

// Check compares everything with the reference, at rest: replay published each packet
// of the capture, the models processed as many, the database contains exactly the alerts of
// the offline analysis, no process panicked or exceeded its memory limit.
// Engines are stopped cleanly first, so that they publish everything they hold.
func (r *Rig) Check(replay *Process, want Reference) {
	r.T.Helper()
	if n := r.Published(replay); n != want.Packets {
		r.T.Errorf("%d of %d packets were published", n, want.Packets)
	}
	r.CheckTaken(want)
	for _, e := range r.Engines {
		if e.Running() {
			e.Stop(30 * time.Second)
		}
	}
	r.CheckStored(want)
	r.CheckProcesses()
}

// CheckTaken compares the packets that the models processed, and the ledger, with the reference.
func (r *Rig) CheckTaken(want Reference) {
	r.T.Helper()
	r.Settle(want.Packets)
	r.CheckLedger(want.Packets)
}

// Settle waits until the models have processed all packets, and fails if they processed
// more.
func (r *Rig) Settle(packets uint64) {
	r.T.Helper()
	var last models.Stats
	defer func() {
		if r.T.Failed() {
			r.T.Logf("at the end: %+v, lag %+v, health %s", last.Partitions, last.Lag, r.Health())
		}
	}()
	r.await(fmt.Sprintf("%d packets processed", packets), func() bool {
		s, err := r.Stats()
		if err != nil {
			return false
		}
		last = s
		n, held := uint64(0), uint64(0)
		for _, p := range s.Partitions {
			n, held = n+TakenBy(&p), held+p.Held
		}
		if n > packets && s.Lag.Packets == 0 {
			r.T.Fatalf("%d packets were processed, want %d", n, packets)
		}
		return n == packets && held == 0 && s.Lag.Packets == 0
	})
}

// AtRest waits until the ledger is at rest and all of its equations hold.
func (r *Rig) AtRest() (l models.Ledger) {
	r.T.Helper()
	defer func() {
		if r.T.Failed() {
			b, _ := json.Marshal(l)
			r.T.Logf("ledger: %s", b)
		}
	}()
	r.await("the ledger is at rest and adds up", func() bool {
		l = models.Ledger{}
		return r.Get("ledger", &l) == nil && l.AtRest && l.AddsUp
	})
	return l
}

// CheckLedger waits until the ledger is at rest, and fails unless all equations
// hold, with nothing in flight and no packet missing.
func (r *Rig) CheckLedger(packets uint64) {
	r.T.Helper()
	var l models.Ledger
	defer func() {
		if r.T.Failed() {
			b, _ := json.Marshal(l)
			r.T.Logf("ledger: %s", b)
		}
	}()
	r.await("the ledger is at rest and adds up", func() bool {
		l = models.Ledger{}
		return r.Get("ledger", &l) == nil && l.AtRest && l.AddsUp
	})
	for _, c := range l.Checks {
		if !c.Holds || c.InFlight != 0 && c.Remainder == "" {
			r.T.Errorf("ledger: %s: %s: difference %d, in flight %d; %s", c.Name, c.Says, c.Difference, c.InFlight, c.Why)
		}
	}
	taken := uint64(0)
	for _, lane := range l.Lanes {
		taken += lane.Packets
		if !lane.Holds || lane.Missing != 0 || lane.Held != 0 {
			r.T.Errorf("ledger: %+v", lane)
		}
	}
	if taken != packets || !l.AddsUp {
		r.T.Errorf("ledger: %d packets in the lanes, want %d; adds_up: %v", taken, packets, l.AddsUp)
	}
}

// CheckStored waits until the recorder has no work left, and compares the rows.
func (r *Rig) CheckStored(want Reference) {
	r.T.Helper()
	diff := "not read"
	defer func() {
		if diff != "" {
			r.T.Logf("alerts differ from those of the offline analysis:\n%s", diff)
		}
	}()
	r.await("the alerts of the offline analysis, and nothing left to record", func() bool {
		s, err := r.Stats()
		if err != nil || s.Lag.Alerts != 0 || s.Lag.Connections != 0 {
			return false
		}
		got, err := StoredAlerts(r.DB)
		if err != nil {
			return false
		}
		diff = want.Alerts.Diff(got)
		return diff == ""
	})
}

// CheckProcesses checks peak memory and panics of the processes.
func (r *Rig) CheckProcesses() {
	r.T.Helper()
	for _, text := range r.Panicked() {
		r.T.Errorf("panic: %s", text)
	}
	for _, p := range r.Processes() {
		if _, peak := p.Memory(); peak > r.Config.MemoryCap {
			r.T.Errorf("%s used %d MiB of memory, more than %d MiB", p.Name, peak>>20, r.Config.MemoryCap>>20)
		}
	}
}

// Peaks returns the peak memory of the processes, by name, in bytes.
func (r *Rig) Peaks() map[string]uint64 {
	peaks := map[string]uint64{}
	for _, p := range r.Processes() {
		_, peak := p.Memory()
		peaks[p.Name] = max(peaks[p.Name], peak)
	}
	return peaks
}
