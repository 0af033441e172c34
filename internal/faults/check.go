package faults

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Published waits for a replay to end and gives the packets that it published.
func (r *Rig) Published(replay *Process) uint64 {
	r.T.Helper()
	r.await("the end of the replay", func() bool { return !replay.Running() })
	if code := replay.Wait(time.Second); code != 0 {
		r.T.Fatalf("replay: exit code %d", code)
	}
	return Figure(r.T, replay.Stdout.String(), `packets published +(\d+)`)
}

// Check holds everything against the reference, at rest: replay published each packet
// of the capture, the models took in as many, the database has the alerts of the
// offline analysis and no others, no process panicked or was larger than it may be.
// Engines are stopped in good order first, so that what they still hold is told.
func (r *Rig) Check(replay *Process, want Reference) {
	r.T.Helper()
	if n := r.Published(replay); n != want.Packets {
		r.T.Errorf("%d packets were published of %d", n, want.Packets)
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

// CheckTaken holds what the models took in, and the ledger, against the reference.
func (r *Rig) CheckTaken(want Reference) {
	r.T.Helper()
	r.Settle(want.Packets)
	r.CheckLedger(want.Packets)
}

// Settle waits until the models have taken in all packets, and fails when they have
// taken in more.
func (r *Rig) Settle(packets uint64) {
	r.T.Helper()
	var last models.Stats
	defer func() {
		if r.T.Failed() {
			r.T.Logf("at the end: %+v, lag %+v, health %s", last.Partitions, last.Lag, r.Health())
		}
	}()
	r.await(fmt.Sprintf("%d packets taken in", packets), func() bool {
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
			r.T.Fatalf("%d packets were taken in, of %d", n, packets)
		}
		return n == packets && held == 0 && s.Lag.Packets == 0
	})
}

// AtRest waits until the ledger says that nothing moves and all of its equations hold.
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

// CheckLedger waits until the ledger says that nothing moves, and wants every one of its
// equations to hold, with nothing in flight and no packet missing.
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
		r.T.Errorf("ledger: %d packets in the lanes, of %d; adds up: %v", taken, packets, l.AddsUp)
	}
}

// CheckStored waits until the recorder has nothing left to do, and compares the rows.
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

// CheckProcesses looks at what the processes took and how they ended.
func (r *Rig) CheckProcesses() {
	r.T.Helper()
	for _, text := range r.Panicked() {
		r.T.Errorf("a panic: %s", text)
	}
	for _, p := range r.Processes() {
		if _, peak := p.Memory(); peak > r.Config.MemoryCap {
			r.T.Errorf("%s had %d MiB in memory, more than %d MiB", p.Name, peak>>20, r.Config.MemoryCap>>20)
		}
	}
}

// Peaks is the most memory that a process of each name had, in bytes.
func (r *Rig) Peaks() map[string]uint64 {
	peaks := map[string]uint64{}
	for _, p := range r.Processes() {
		_, peak := p.Memory()
		peaks[p.Name] = max(peaks[p.Name], peak)
	}
	return peaks
}
