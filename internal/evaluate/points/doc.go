// Package points detects anomalies in a stream of plain numeric points of which
// nothing is known beforehand: neither units nor ranges, nor which columns matter. It
// is half-space trees (package hst) with a scaling of its own.
//
// Trees want values between 0 and 1. A column is placed there twice: by its range, and
// by asinh of its distance from the median in interquartile ranges, which spreads what
// heavy tails would squeeze together; half of the trees see one, half the other. Both
// are worked out anew from the points that were learned last, with half as much room
// again on both sides, and the trees learn those points anew under the new scaling.
//
// A tree of ten levels that splits on each of ten columns knows none of them well.
// Trees look at three columns each, five trees at the same three, so that every column
// is looked at as often as the others. With up to three columns each tree sees all.
//
// Learning is gated: what scores above a running quantile is learned but now and then,
// and the quantile moves slowly, so that a burst of attacks is over before it is usual.
// What repeats itself, point after point in one small cell of the space, neither moves
// the quantile nor is learned, but for a small share: a thousand copies say no more
// than a few. The price: a new habit that consists of copies alone stays odd for long.
//
// In the modes of the paper and of River there is one set of trees over all columns, as
// published: scaled by the range seen so far, and every point is learned.
//
// A Detector belongs to one goroutine, allocates when it is made and never again, and
// gives the same scores for the same seed and points. NaN counts as the median of its
// column; infinities as very large numbers. No input makes a score NaN or infinite.
package points
