// Package measure computes how well a detector separates attacks from benign traffic, given
// labels: ROC-AUC and average precision of scores, and for captures also which attacks
// were detected and how soon, the false alerts per hour, and whether a score of 0.8 is
// as rare among benign packets as defined.
//
// It does not run a detector. Packets are added in capture order, by one goroutine.
// Memory grows by about 20 bytes per packet, because a ranking needs all scores.
package measure
