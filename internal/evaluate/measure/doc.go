// Package measure measures how well a detector tells attacks from benign traffic, given
// labels: ROC-AUC and average precision of scores, and for captures what an operator
// feels — which attacks were detected and how soon, how many false alerts came an
// hour, and whether a score of 0.8 is as rare among benign packets as it claims.
//
// It only counts; it never runs a detector and never changes one. Packets are added in
// the order of the capture, by one goroutine; what it holds grows with their number
// (about 20 bytes each), for a ranking needs all scores.
package measure
