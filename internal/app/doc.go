// Package app is the wiring: for each role it makes the components from the
// configuration, connects them, and runs them until the input ends, the context ends or
// one of them fails. One file per role: probe.go (also replay), engine.go, core.go, up.go,
// broker.go; tail.go and redrive.go work on the topics of a running cluster.
//
// A packet's path through a process that captures is sensor.Sensor.Run; through one that
// scores, engine.Engine.Records; through one that stores, store.Recorder.Records. Between
// them is always the packets topic: up, which runs all of them in one process, has no
// shorter path.
//
// Stages start against the direction of the data, so that no stage sends to one that is
// not there yet, and stop along it: source, producer flush, engine with its checkpoint,
// recorder, HTTP (lifecycle.go).
package app
