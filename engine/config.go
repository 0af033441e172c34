package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/hst"
)

// Version names features and forests; it changes whenever the same packets may score
// otherwise.
const Version = "2"

// Config is what decides scores and alerts, and when state is saved. All engines of
// one group must have the same.
type Config struct {
	Threshold     float64       // score at which an alert begins, 0…1
	AlertsPerDay  float64       // alerts of a lane that are enough for a day; 0 is no limit
	WarmupPackets int           // packets before anything is scored
	Seed          uint64        // of the trees' structure
	Trees         int           // in each forest
	Depth         int           // levels of each tree
	Window        int           // points learned between two profiles
	Quiet         time.Duration // event time without an odd packet that ends an episode
	Episodes      int           // most episodes at once; the one quiet for longest gives way
	Features      features.Config

	// Partitions of the packets topic are dealt out to lanes, each with one model. There
	// may be more partitions at any time; TopicPartitions is how many there are to begin
	// with, over which producers spread their packets that do not say how many they know.
	TopicPartitions int32
	Lanes           int // those above the number of partitions have nothing to do

	CheckpointRecords int           // records between two checkpoints of a partition
	CheckpointEvery   time.Duration // wall clock between two, where fewer records came
	ScoresEvery       time.Duration // wall clock between two batches of score samples
	Group             string        // consumer group that checkpoints belong to
}

// DefaultConfig is what an operator gets without configuring anything.
func DefaultConfig() Config {
	return Config{
		Threshold: 0.8, WarmupPackets: 50, Seed: 1, Trees: 25, Depth: 8, Window: 256,
		Quiet: 2 * time.Minute, Episodes: 1024, Features: features.DefaultConfig(),
		TopicPartitions: 1, Lanes: 1,
		CheckpointRecords: 1 << 20, CheckpointEvery: 10 * time.Second, ScoresEvery: 50 * time.Millisecond,
		Group: "netlyra-engine",
	}
}

// Validate says which fields are out of range.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, name string, v any, want string) {
		if !ok {
			errs = append(errs, fmt.Errorf("engine: %s is %v, want %s", name, v, want))
		}
	}
	check(c.Threshold > 0 && c.Threshold <= 1, "threshold", c.Threshold, "more than 0 and at most 1")
	check(c.AlertsPerDay >= 0, "alert budget", c.AlertsPerDay, "0 or more alerts a day")
	check(c.WarmupPackets >= 0, "warm-up packets", c.WarmupPackets, "0 or more")
	check(c.Quiet > 0, "quiet", c.Quiet, "more than 0")
	check(c.Episodes >= 1 && c.Episodes <= 1<<20, "episodes", c.Episodes, "1…1048576")
	check(c.TopicPartitions >= 1, "partitions of the packets topic", c.TopicPartitions, "1 or more")
	check(c.Lanes >= 1 && c.Lanes <= 1<<16, "lanes", c.Lanes, "1…65536")
	check(c.CheckpointRecords >= 1, "checkpoint records", c.CheckpointRecords, "1 or more")
	check(c.CheckpointEvery > 0, "checkpoint interval", c.CheckpointEvery, "more than 0")
	errs = append(errs, c.Features.Validate(), c.forest(1, 0).Validate())
	return errors.Join(errs...)
}

// forest is the configuration of one group's trees.
func (c Config) forest(n int, g features.Group) hst.Config {
	window, keep := c.Window, 0.75
	if g.Scale() == features.HostScale { // few points, and worth keeping
		window, keep = max(c.Window/4, 1), 0.93
	}
	return hst.Config{Features: n, Trees: c.Trees, Depth: c.Depth, Window: window,
		SizeLimit: 0.02, Keep: keep, Seed: c.Seed*64 + uint64(g) + 1}
}
