package hst

import "fmt"

// Mode selects how trees are built and how mass is converted to a score.
type Mode uint8

// The modes; see the package comment.
const (
	ModeDefault Mode = iota
	ModePaper
	ModeRiver
	modes
)

var modeNames = [modes]string{"default", "paper", "river"}

// String returns the name that ParseMode accepts.
func (m Mode) String() string {
	if m < modes {
		return modeNames[m]
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// ParseMode parses default, paper or river.
func ParseMode(s string) (Mode, error) {
	for m, n := range modeNames {
		if s == n {
			return Mode(m), nil
		}
	}
	return 0, fmt.Errorf("half-space tree mode %q: want default, paper or river", s)
}

// Limits of a configuration.
const (
	MaxFeatures = 256
	MaxDepth    = 15
	MaxTrees    = 1000
	MaxWindow   = 1 << 16
)

// Config describes a forest. A zero value selects the default, which the comment gives.
type Config struct {
	Features    int     // dimensions of a point, 1…256; required
	Trees       int     // 1…1000; default 25
	Depth       int     // levels of splits, 1…15; default 8
	Window      int     // points of a window, 1…65536; default 256
	FirstWindow int     // points of the first window, 1…Window, for earlier scores; default Window
	SizeLimit   float64 // share of the reference at or below which a node ends the walk, 0…1; default 0.1
	Keep        float64 // share of the reference that remains after a pivot, 0…0.95, only in ModeDefault; 0 is the paper's
	Mode        Mode
	Seed        uint64
}

func (c Config) withDefaults() Config {
	def := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.Trees, 25)
	def(&c.Depth, 8)
	def(&c.Window, 256)
	def(&c.FirstWindow, c.Window)
	if c.SizeLimit == 0 {
		c.SizeLimit = 0.1
	}
	return c
}

// Validate returns an error that names the first field that is out of range.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, f := range []struct {
		name     string
		v, limit int
	}{
		{"Features", c.Features, MaxFeatures}, {"Trees", c.Trees, MaxTrees}, {"Depth", c.Depth, MaxDepth},
		{"Window", c.Window, MaxWindow}, {"FirstWindow", c.FirstWindow, c.Window},
	} {
		if f.v < 1 || f.v > f.limit {
			return fmt.Errorf("half-space trees: %s is %d, want 1…%d", f.name, f.v, f.limit)
		}
	}
	if !(c.SizeLimit >= 0 && c.SizeLimit <= 1) {
		return fmt.Errorf("half-space trees: SizeLimit is %v, want 0…1", c.SizeLimit)
	}
	if !(c.Keep >= 0 && c.Keep <= 0.95) || c.Keep > 0 && c.Mode != ModeDefault {
		return fmt.Errorf("half-space trees: Keep is %v, want 0…0.95, and 0 in mode %s", c.Keep, c.Mode)
	}
	if c.Mode >= modes {
		return fmt.Errorf("half-space trees: unknown mode %d", c.Mode)
	}
	return nil
}
