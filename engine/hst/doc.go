// Package hst detects anomalies in a stream of points with half-space trees
// (S. C. Tan, K. M. Ting, T. F. Liu, "Fast Anomaly Detection for Streaming Data",
// IJCAI 2011). It imports the standard library only and knows nothing of what its
// points mean.
//
// A half-space tree halves the space of its features again and again, at places
// drawn before any data is seen. While a window of points is learned, each leaf
// counts what falls into it; at the end of the window the counts become the
// reference profile, and a point is scored by how much reference mass lies where it
// falls: little mass near the root of many trees means that it is unlike the rest.
//
//	f, err := hst.New(hst.Config{Features: 6, Seed: 1})
//	for x := range points {                  // x: 6 values scaled to 0…1
//		score := f.ScoreLearn(x)         // prequential: scored before it is learned
//		if f.Ready() && score > limit {
//			f.Attribute(x, why)      // bits of surprise for each feature
//		}
//	}
//
// # Modes
//
// ModePaper builds and scores as the paper does: work ranges wider than the data,
// splits in the middle, and the mass times 2^depth at the first node whose mass is
// at most the size limit. ModeRiver builds and scores as the River library does.
// ModeDefault splits uniformly within the inner 70 % of the range and scores by the
// logarithm of the relative mass, which spreads the rare end of the distribution
// instead of flattening it against 1.
//
// In ModePaper and ModeRiver scores run from 0 (usual) to 1. In ModeDefault a score
// is a mean over the trees, in bits: 0 is what a uniform spread over the space would
// give everywhere, negative is denser than that and usual, positive sparser. Its upper
// end is log2(n+1) for a reference of n points.
//
// # Layout
//
// A node is four bytes: the feature and a threshold of 16 bits. Points are
// quantised once to the same 16 bits. A descent goes through all levels without a
// branch, several trees at a time, and ends at a leaf whose contribution to the
// score was worked out when the window was pivoted; learning counts at that leaf
// alone, and inner masses are summed bottom-up once a window. The result equals the
// plain walk over nodes, bit for bit, which the tests assert.
//
// # Order, memory, concurrency
//
// The order in which the points of one window are learned does not matter; the order
// of windows does. A forest allocates when it is made and never again. It belongs
// to one goroutine. The same configuration and the same points give bit-identical
// scores on every machine: sums are integers.
//
// Values below the range fall into its lowest cell, values above into its highest;
// -Inf and NaN count as below, +Inf as above. No input makes a score NaN or infinite.
package hst
