// Package evaluate measures how well the detectors detect: Packets runs a labeled capture
// through the stages of the pipeline, Points streams a labeled table through the detector
// for points (package points), and Suite evaluates generated captures of every attack and
// compares the figures with floors. Package measure computes the figures.
//
// Points and Suite evaluate in parallel, one run per CPU; each run is deterministic and
// belongs to one goroutine.
package evaluate
