package points

import "github.com/netlyra/netlyra/engine/hst"

// Detector scores points and learns them.
type Detector interface {
	// ScoreLearn returns the score of x with the model of all earlier points, and then learns
	// x unless it is gated. Higher is more anomalous. scored is false while the model is
	// untrained. x must have Config.Columns values.
	ScoreLearn(x []float64) (score float64, scored bool)
	// Score is ScoreLearn without learning.
	Score(x []float64) float64
	// Attribute writes to out how many bits each column contributed to the score of x; out
	// must have Config.Columns values.
	Attribute(x, out []float64)
}

// New returns a detector.
func New(cfg Config) (Detector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Mode == hst.ModeDefault {
		return newAdaptive(cfg)
	}
	return newClassic(cfg)
}
