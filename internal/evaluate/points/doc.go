// Package points detects anomalies in a stream of numeric points without prior
// knowledge of units, ranges or the relevance of columns. It
// uses half-space trees (package hst) with adaptive scaling.
//
// Trees need values between 0 and 1. Each column is scaled in two ways: by its range, and
// by asinh of its distance from the median in interquartile ranges, which separates values
// in heavy tails. Half of the trees use the first, half the second. Both
// are recomputed from the most recently learned points, with a margin of half the range
// on both sides, and the trees then relearn these points with the new scaling.
//
// A tree of ten levels that splits on ten columns resolves none of them well.
// Therefore each tree uses three columns, five trees the same three, and every column
// is used equally often. With up to three columns each tree uses all.
//
// Learning is gated: points that score above a running quantile are mostly not learned,
// and the quantile moves slowly, so that a burst of attacks ends before it becomes typical.
// Repeated points in one small cell of the space neither move
// the quantile nor are learned, except for a small share, because a thousand copies carry no
// more information than a few. The cost: new behavior that consists of copies remains
// anomalous for a long time.
//
// The modes of the paper and of River have one set of trees over all columns, as
// published: values are scaled by the range seen so far, and every point is learned.
//
// A Detector belongs to one goroutine, allocates only when it is created, and
// gives the same scores for the same seed and points. NaN counts as the median of its
// column, infinities as very large numbers. No input makes a score NaN or infinite.
package points
