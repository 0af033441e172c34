package faults_test

import (
	"fmt"
	"testing"

	"github.com/netlyra/netlyra/internal/faults"
)

// TestAnyPartitionsAndEngines: the alerts in the database are those of the offline
// analysis, in how many partitions ever the packets travel and however many engines
// there are. With -runs 2 or more each combination is tried.
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
