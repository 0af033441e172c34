// Package app is the wiring: it makes the components of one role from the
// configuration, connects each to what it needs, and runs them until the input
// ends, somebody interrupts, or one of them fails. One file for each role: probe
// and replay (sensor.go), engine.go, core.go, up.go, analyze.go.
//
// The way of a packet through a process that captures is Sensor.Run; through one
// that scores, Engine.Records of package engine; through one that stores,
// Recorder.Records of package store. In between lies the log, always: up, which
// runs all of them in one process, takes no short cut around it.
//
// Stages start against the data's direction, so that nobody sends to a stage that
// is not there yet, and stop along it: source, producer flush, engine and its
// checkpoint, recorder, HTTP.
package app
