// Package deadletter publishes records that could not be processed to the dead letter topic,
// with the reason and their origin in headers, and redrives them to where they came from.
//
// A dead letter is redriven once: progress is committed to Group, and a redrive that follows
// an interrupted one first searches the topics for records that were redriven but not
// noted. Letters that were redriven too often, have no known origin or were truncated are
// discarded. Only one redrive at a time may run on a cluster; a second one fails.
package deadletter
