package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/hst"
	"github.com/netlyra/netlyra/engine/reference"
)

// Version identifies features and forests. It changes whenever the same packets may get other
// scores.
const Version = "3"

// Config determines scores and alerts, and when checkpoints are saved. All engines of a group
// must have the same configuration.
type Config struct {
	Threshold     float64       // score (level / 5) from which a behavior starts an alert, 0…1
	AlertsPerDay  float64       // maximum number of alerts of a lane in 24 hours; 0 is no limit
	WarmupPackets int           // packets that are learned before the first is scored
	Seed          uint64        // determines the structure of the trees
	Trees         int           // of each forest
	Depth         int           // levels of each tree
	Window        int           // points learned between two reference profiles
	Quiet         time.Duration // event time without a packet at which a behavior is above the threshold that ends an episode
	Episodes      int           // maximum number of open episodes; the one that is quiet for longest is ended first
	Features      features.Config
	// Reference has the values of behaviors in other networks; nil is the built-in one. It is not
	// part of the state: a model that is restored continues with this one.
	Reference *reference.Reference

	// The partitions of the packets topic are assigned to lanes, each with one model.
	// Partitions may be added at any time. TopicPartitions is their initial number, which
	// applies to producers whose records do not state a number.
	TopicPartitions int32
	Lanes           int // number of models; lanes beyond the number of partitions are idle

	CheckpointRecords int           // records between two checkpoints of a lane
	CheckpointEvery   time.Duration // wall-clock time between two checkpoints if there are fewer records
	ScoresEvery       time.Duration // wall-clock time between two batches of score samples
	Group             string        // consumer group of the checkpoints
}

// DefaultConfig returns the defaults of the settings.
func DefaultConfig() Config {
	return Config{
		Threshold: 0.8, WarmupPackets: 50, Seed: 1, Trees: 25, Depth: 8, Window: 256,
		Quiet: 2 * time.Minute, Episodes: 1024, Features: features.DefaultConfig(),
		TopicPartitions: 1, Lanes: 1,
		CheckpointRecords: 1 << 20, CheckpointEvery: 10 * time.Second, ScoresEvery: 50 * time.Millisecond,
		Group: "netlyra-engine",
	}
}

// Validate returns an error that names every field that is out of range.
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

// reference returns the reference of behaviors.
func (c Config) reference() *reference.Reference {
	if c.Reference != nil {
		return c.Reference
	}
	return reference.Builtin()
}

// forest returns the configuration of the trees of a group with n features.
func (c Config) forest(n int, g features.Group) hst.Config {
	window, keep := c.Window, 0.75
	if g.Scale() == features.HostScale { // hosts have few points, so that each is kept longer
		window, keep = max(c.Window/4, 1), 0.93
	}
	return hst.Config{Features: n, Trees: c.Trees, Depth: c.Depth, Window: window,
		SizeLimit: 0.02, Keep: keep, Seed: c.Seed*64 + uint64(g) + 1}
}
