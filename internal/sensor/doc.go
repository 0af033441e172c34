// Package sensor is the capturing half of the pipeline: it takes frames from a source
// through decode and connection tracking and passes packets on.
//
//	source → decode → conntrack → sink
//
// Frames is that loop, and the only one: a probe and a core with an input run it through
// Sensor, which publishes to the topics; offline analysis and evaluation use their own
// sinks. Input describes where frames come from and opens the source; Repeat, Pace and
// rebasing change when they come.
//
// A Frames, and everything it calls, belongs to the goroutine that calls Run. Packets and
// frames are reused: a sink copies what it keeps. Connections of a packet are updated
// before the sink sees the packet.
package sensor
