package points

import "github.com/netlyra/netlyra/engine/hst"

// Detector scores points and learns them.
type Detector interface {
	// ScoreLearn is the score of x as the points before it see it; then x is learned, if
	// the detector sees fit. Higher is more anomalous. scored is false while there is
	// nothing to hold x against. x must have Config.Columns values.
	ScoreLearn(x []float64) (score float64, scored bool)
	// Score is the same without learning.
	Score(x []float64) float64
	// Attribute says for each column by how many bits it made x surprising; out must
	// have Config.Columns values.
	Attribute(x, out []float64)
}

// New makes a detector.
func New(cfg Config) (Detector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Mode == hst.ModeDefault {
		return newAdaptive(cfg)
	}
	return newClassic(cfg)
}
