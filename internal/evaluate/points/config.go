package points

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/hst"
)

// Config configures a detector. Use DefaultConfig to create one.
type Config struct {
	Columns int // values of a point, 1…256
	Mode    hst.Mode
	Seed    uint64
	Depth   int // levels of each tree
	Window  int // points in the reference of scores

	// Of ModePaper and ModeRiver.
	Trees int

	// Of ModeDefault.
	Views      int     // sets of columns under each of the two scalings, of five trees each
	ViewSize   int     // columns of a view
	First      int     // points before the first score; doubled until Window is reached
	Gate       float64 // quantile of scores above which points are not learned, 0…1
	GateStep   float64 // bits by which a point may move the quantile
	Leak       float64 // share of the gated points that is learned nevertheless
	Repetition float64 // share of all points up to which copies of one gated point count
}

// DefaultConfig returns the configuration for points with the given number of columns. In
// ModePaper it is that of Tan, Ting and Liu (25 trees, depth 15, windows of 250), in ModeRiver that of
// the library (10 trees, depth 8, windows of 250).
func DefaultConfig(mode hst.Mode, columns int) Config {
	c := Config{Columns: columns, Mode: mode, Seed: 1}
	switch mode {
	case hst.ModePaper:
		c.Trees, c.Depth, c.Window = 25, 15, 250
	case hst.ModeRiver:
		c.Trees, c.Depth, c.Window = 10, 8, 250
	default:
		c.Depth, c.Window, c.First = 10, 4096, 256
		c.Views, c.ViewSize = 10, 3
		c.Gate, c.GateStep, c.Leak, c.Repetition = 0.98, 0.001, 0.1, 1.0/128
	}
	return c
}

// Validate returns an error that names the first field that is out of range.
func (c Config) Validate() error {
	if err := c.forest(max(min(c.Columns, c.ViewSize), 1), 0).Validate(); err != nil {
		return fmt.Errorf("points: %w", err)
	}
	if c.Columns < 1 || c.Columns > hst.MaxFeatures {
		return fmt.Errorf("points: %d columns, want 1…%d", c.Columns, hst.MaxFeatures)
	}
	if c.Mode != hst.ModeDefault {
		return nil
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"Views", float64(c.Views), 1, 1000}, {"ViewSize", float64(c.ViewSize), 1, hst.MaxFeatures},
		{"First", float64(c.First), 2, float64(c.Window)}, {"Window", float64(c.Window), 4, hst.MaxWindow},
		{"Gate", c.Gate, 0, 1}, {"GateStep", c.GateStep, 0, 1}, {"Leak", c.Leak, 0, 1}, {"Repetition", c.Repetition, 0, 1},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) {
			return fmt.Errorf("points: %s is %v, want %v…%v", f.name, f.v, f.lo, f.hi)
		}
	}
	return nil
}

const (
	viewTrees   = 5
	defaultSize = 0.02 // share of the window at which a descent ends, ModeDefault
	fixedSize   = 0.1  // the same in the other modes, as in the paper
)

// forest returns the configuration of trees over n columns.
func (c Config) forest(n int, seed uint64) hst.Config {
	out := hst.Config{Features: n, Trees: c.Trees, Depth: c.Depth, Window: c.Window, SizeLimit: fixedSize, Mode: c.Mode, Seed: seed}
	if c.Mode == hst.ModeDefault {
		out.Trees, out.SizeLimit = viewTrees, defaultSize
	}
	return out
}
