// Package doctor diagnoses a host and its brokers: configuration, clock, limits, ports,
// database, permissions, disks, capture privileges, and through package bus the cluster,
// its topics, groups and checkpoints. Each result is an obs.Finding.
//
// It changes nothing and leaves nothing running: where the embedded broker is not running,
// only its directory is inspected. Run reports findings one after the other, from the
// goroutine that calls it.
package doctor
