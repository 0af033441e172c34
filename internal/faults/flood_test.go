package faults_test

import (
	"errors"
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/capture/synth"
	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
)

// flooded writes the office's capture followed by one SYN from each of n addresses.
func flooded(w io.Writer, office string, n int) error {
	out, err := pcapfile.NewWriter(w, models.LinkEthernet)
	if err != nil {
		return err
	}
	src, err := pcapfile.Open(office, capture.DefaultOptions())
	if err != nil {
		return err
	}
	defer src.Close()
	var f models.Frame
	for err = src.Next(&f); err == nil; err = src.Next(&f) {
		if err := out.Write(&f); err != nil {
			return err
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	cfg := synth.DefaultConfig()
	cfg.Flows, cfg.Count, cfg.Rate, cfg.Start = n, uint64(n), 200_000, f.TS+1e6
	flood, err := synth.New(cfg)
	if err != nil {
		return err
	}
	for err = flood.Next(&f); err == nil; err = flood.Next(&f) {
		if err := out.Write(&f); err != nil {
			return err
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	return out.Flush()
}

// pipe returns the output of flooded as a stream, so that no gigabyte has to be stored.
func pipe(office string, n int) io.Reader {
	r, w := io.Pipe()
	go func() { w.CloseWithError(flooded(w, office, n)) }()
	return r
}

// removed matches log lines about records that retention removed unread.
var removed = regexp.MustCompile(`"event":"records_removed".*?(netlyra\.[a-z]+).*`)

// TestFlood sends one SYN from each of many addresses (-tuples, FAULT_TUPLES) at
// maximum speed: no table may exceed its limit, and no packet or alert may be lost.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: it keeps both cores busy")
	}
	whole := office(t)
	limit := 2*time.Minute + time.Duration(*tuples)*100*time.Microsecond // of the offline analysis
	ref := faults.AnalyzeStream(t, limit, pipe(whole.Capture, *tuples), nil)
	cfg := config()
	cfg.Engines, cfg.Encoding, cfg.MemoryCap = 1, "packed", 1<<30
	r := faults.New(t, cfg)
	began := time.Now()
	replay := r.ReplayAt(r.Address, pipe(whole.Capture, *tuples), "-", 0)
	r.Check(replay, ref)
	for _, m := range removed.FindAllStringSubmatch(r.Core.Stderr.String()+r.Engines[0].Stderr.String(), -1) {
		// Connection states are published faster than rows are written, and their producer
		// is not held back; see docs/guarantees.md. Packets and alerts must not be lost.
		t.Logf("removed by retention before they were read: %s", m[0])
		if m[1] != models.TopicConnections {
			t.Errorf("records of %s were lost", m[1])
		}
	}
	for name, peak := range r.Peaks() {
		t.Logf("%s: at most %d MiB", name, peak>>20)
	}
	t.Logf("%d packets, %d alerts, all at rest after %v", ref.Packets, len(ref.Alerts), time.Since(began).Round(time.Second))
}
