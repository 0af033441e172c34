// Package hst detects anomalies in a stream of points with half-space trees
// (S. C. Tan, K. M. Ting, T. F. Liu, "Fast Anomaly Detection for Streaming Data",
// IJCAI 2011). It imports only the standard library and does not depend on the meaning
// of the features.
//
// A half-space tree splits the space of its features repeatedly, at places drawn before
// any data is seen. While a window of points is learned, each leaf counts the points that
// fall into it. At the end of the window the counts become the reference profile. A point
// is scored by the reference mass where it falls: little mass near the root of many trees
// means that the point is anomalous.
//
//	f, err := hst.New(hst.Config{Features: 6, Seed: 1})
//	for x := range points {                  // x: 6 values scaled to 0…1
//		score := f.ScoreLearn(x)         // prequential: scored before it is learned
//		if f.Ready() && score > limit {
//			f.Attribute(x, bits)     // contribution of each feature
//		}
//	}
//
// # Modes
//
// ModePaper builds and scores as in the paper: work ranges wider than the data, splits in
// the middle, and the mass times 2^depth at the first node whose mass is at most the size
// limit. ModeRiver builds and scores like the River library. ModeDefault splits uniformly
// within the inner 70 % of the range and scores by the logarithm of the relative mass,
// which spreads the rare end of the distribution instead of compressing it towards 1.
//
// In ModePaper and ModeRiver scores are between 0 (typical) and 1. In ModeDefault a score
// is a mean over the trees, in bits: 0 is the score everywhere under a uniform reference,
// a negative score is a denser place (typical), a positive one a sparser place. The
// maximum is log2(n+1) for a reference of n points.
//
// # Layout
//
// A node is four bytes: the feature and a threshold of 16 bits. Points are quantised once
// to the same 16 bits. A descent visits all levels without a branch, several trees at a
// time, and ends at a leaf whose contribution to the score was computed at the last pivot.
// Learning counts at that leaf only; inner masses are summed bottom-up once per window.
// The result equals that of the plain walk over nodes bit for bit, which the tests assert.
//
// # Order, memory, concurrency
//
// The order in which the points of one window are learned does not matter; the order
// of windows does. New allocates all memory of a forest. A forest must not be used by
// several goroutines at once. The same configuration and the same points give
// bit-identical scores on every machine, because sums are integers.
//
// Values below the range fall into its lowest cell, values above into its highest; -Inf
// and NaN count as below, +Inf as above. No input makes a score NaN or infinite.
package hst
