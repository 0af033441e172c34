package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// TestConfigRanges sets one field at a time to the last valid and the first invalid values.
func TestConfigRanges(t *testing.T) {
	for _, tt := range []struct {
		name string // in the error
		set  func(c *Config, v float64)
		good []float64
		bad  []float64
	}{
		{"threshold", func(c *Config, v float64) { c.Threshold = v }, []float64{1e-9, 0.5, 1}, []float64{0, -0.1, 1.0001, math.NaN(), math.Inf(1)}},
		{"alert budget", func(c *Config, v float64) { c.AlertsPerDay = v }, []float64{0, 0.5, 1e9}, []float64{-0.001, math.NaN()}},
		{"warm-up packets", func(c *Config, v float64) { c.WarmupPackets = int(v) }, []float64{0, 1e6}, []float64{-1}},
		{"quiet", func(c *Config, v float64) { c.Quiet = time.Duration(v) }, []float64{1, 1e15}, []float64{0, -1}},
		{"episodes", func(c *Config, v float64) { c.Episodes = int(v) }, []float64{1, 1 << 20}, []float64{0, -1, 1<<20 + 1}},
		{"partitions", func(c *Config, v float64) { c.TopicPartitions = int32(v) }, []float64{1, 1 << 30}, []float64{0, -1}},
		{"lanes", func(c *Config, v float64) { c.Lanes = int(v) }, []float64{1, 1 << 16}, []float64{0, -1, 1<<16 + 1}},
		{"checkpoint records", func(c *Config, v float64) { c.CheckpointRecords = int(v) }, []float64{1}, []float64{0, -1}},
		{"checkpoint interval", func(c *Config, v float64) { c.CheckpointEvery = time.Duration(v) }, []float64{1}, []float64{0, -1}},
		{"Trees", func(c *Config, v float64) { c.Trees = int(v) }, []float64{1, 1000}, []float64{-1, 1001}},
		{"Depth", func(c *Config, v float64) { c.Depth = int(v) }, []float64{1, 15}, []float64{-1, 16}},
		{"Window", func(c *Config, v float64) { c.Window = int(v) }, []float64{1, 1 << 16}, []float64{-1, 1<<16 + 1}},
	} {
		for _, v := range tt.good {
			c := DefaultConfig()
			if tt.set(&c, v); c.Validate() != nil {
				t.Errorf("%s %v: %v", tt.name, v, c.Validate())
			}
		}
		for _, v := range tt.bad {
			c := DefaultConfig()
			tt.set(&c, v)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.name) {
				t.Errorf("%s %v: %v", tt.name, v, err)
			}
			if _, err := New(c, Deps{Alerts: newLog().begin()}); err == nil {
				t.Errorf("%s %v: New returned no error", tt.name, v)
			}
		}
	}
}

// TestEveryInvalidFieldIsNamed: the error of several invalid fields names all of them.
func TestEveryInvalidFieldIsNamed(t *testing.T) {
	c := DefaultConfig()
	c.Threshold, c.Episodes, c.Lanes, c.Depth = 2, 0, 0, 99
	err := c.Validate()
	for _, name := range []string{"threshold", "episodes", "lanes", "Depth"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %s: %v", name, err)
		}
	}
}

// TestLanesPartition: for any numbers every partition has exactly one lane, LaneOf agrees with
// Partitions, and lanes differ by at most one partition.
func TestLanesPartition(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		c := DefaultConfig()
		c.TopicPartitions, c.Lanes = 1+rnd.Int32N(200), 1+rnd.IntN(40)
		var all []int32
		working, low, high := int32(0), math.MaxInt, 0
		for lane := range int32(c.Lanes) {
			ps := c.Partitions(lane)
			for _, p := range ps {
				if c.LaneOf(p) != lane {
					t.Fatalf("%d partitions, %d lanes: partition %d of lane %d is of lane %d", c.TopicPartitions, c.Lanes, p, lane, c.LaneOf(p))
				}
			}
			if len(ps) > 0 {
				working++
			}
			low, high = min(low, len(ps)), max(high, len(ps))
			all = append(all, ps...)
		}
		slices.Sort(all)
		if len(all) != int(c.TopicPartitions) || all[0] != 0 || all[len(all)-1] != c.TopicPartitions-1 || len(slices.Compact(all)) != int(c.TopicPartitions) {
			t.Fatalf("%d partitions, %d lanes: the lanes have %v", c.TopicPartitions, c.Lanes, all)
		}
		if working != c.Working() || high-low > 1 {
			t.Fatalf("%d partitions, %d lanes: %d lanes have partitions, Working is %d; %d to %d partitions", c.TopicPartitions, c.Lanes, working, c.Working(), low, high)
		}
	}
}

// TestForestSeedsDiffer: no two groups of the same or of consecutive seeds share a structure of
// trees.
func TestForestSeedsDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(50) {
		c := DefaultConfig()
		c.Seed = seed
		for g := range features.Groups {
			h := c.forest(3, g)
			if other, there := seen[h.Seed]; there {
				t.Fatalf("seed %d of group %s is that of %s", seed, g, other)
			}
			seen[h.Seed] = g.String()
			if err := h.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestScoresAreInRange: for random packets and any seed, scores are between 0 and 1, and the
// counts of the status add up.
func TestScoresAreInRange(t *testing.T) {
	for seed := range uint64(3) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		c := DefaultConfig()
		c.Seed, c.WarmupPackets = seed, 20
		p, err := NewPipeline(c, 5, func(a *models.Alert) {
			if a.Score < 0 || a.Score > 1 || a.Count == 0 || a.LastTS < a.TS || a.Model.Lane != 5 {
				t.Errorf("alert %+v", a)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		ts := models.Timestamp(1e18)
		for i := range 2000 {
			ts += models.Timestamp(rnd.ExpFloat64() * 1e7)
			m := models.PacketMeta{TS: ts, Src: addr(10, 0, byte(rnd.IntN(3)), byte(rnd.IntN(30))), Dst: addr(10, 0, byte(rnd.IntN(3)), byte(rnd.IntN(30))),
				SrcPort: uint16(rnd.Uint32()), DstPort: uint16(rnd.IntN(100)), Proto: []models.Proto{models.ProtoTCP, models.ProtoUDP, models.ProtoICMP}[rnd.IntN(3)],
				Flags: models.TCPFlags(rnd.Uint32()), PayloadLen: rnd.Uint32N(1500), TTL: uint8(rnd.Uint32()), Entropy: uint16(rnd.IntN(801))}
			score, scored := p.Packet(&m)
			if !(score >= 0 && score <= 1) || scored != (i >= c.WarmupPackets) || !scored && score != 0 {
				t.Fatalf("seed %d: packet %d has the score %v, %v", seed, i, score, scored)
			}
			s := p.Status()
			if s.Packets != uint64(i+1) || s.Cold+s.Scored != s.Packets || s.Passed+s.Alerted+s.Withheld != s.Scored || s.EventTS != ts {
				t.Fatalf("seed %d: status %+v after %d packets", seed, s, i+1)
			}
			if s.Warm != (i+1 >= c.WarmupPackets) || s.WarmAfter != uint64(max(c.WarmupPackets-i-1, 0)) {
				t.Fatalf("seed %d: warm %v, %d packets to go after %d", seed, s.Warm, s.WarmAfter, i+1)
			}
		}
	}
}
