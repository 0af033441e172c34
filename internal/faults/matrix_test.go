package faults_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/netlyra/netlyra/internal/faults"
)

// TestAnyPartitionsAndEngines: the alerts in the database equal those of the offline
// analysis for any number of partitions and engines. With -runs 2 or more, all
// combinations are tested.
func TestAnyPartitionsAndEngines(t *testing.T) {
	some := map[[2]int]bool{{1, 4}: true, {3, 1}: true, {3, 2}: true, {8, 4}: true}
	for _, partitions := range []int{1, 3, 8} {
		for _, engines := range []int{1, 2, 4} {
			for _, encoding := range []string{"json", "packed"} {
				if *runs < 2 && (!some[[2]int{partitions, engines}] || encoding == "packed" && partitions != 3) {
					continue
				}
				t.Run(fmt.Sprintf("%d partitions, %d engines, %s", partitions, engines, encoding), func(t *testing.T) {
					t.Parallel()
					cfg := config()
					cfg.Partitions, cfg.Engines, cfg.Encoding = partitions, engines, encoding
					r, ref := faults.New(t, cfg), office(t)
					r.Check(r.Replay(ref.Capture, rate(ref, lasting(2))), ref)
				})
			}
		}
	}
}

var captures = flag.String("captures", "", "pattern of pcap and pcapng files for TestCaptures, such as '/captures/*.pcap'")

// TestCaptures replays user-supplied captures at maximum speed and compares the alerts in the
// database with those of the offline analysis.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob(*captures)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no captures: -captures is %q", *captures)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			ref := faults.AnalyzeAny(t, file)
			r := faults.New(t, config())
			r.Check(r.Replay(file, 0), ref)
			t.Logf("%d packets, %d alerts", ref.Packets, len(ref.Alerts))
		})
	}
}
