// Package embedded runs the embedded broker: kfake of franz-go, which implements the Kafka
// protocol, with its log on disk, for development and for a single host. Use Apache Kafka
// or Redpanda in production.
//
// The broker owns its data directory, which only the user can access, and locks it against
// other processes (package fsguard). It listens on loopback without encryption; on other
// addresses clients must authenticate (SASL/SCRAM). Package guard checks each request before
// kfake reads it. Requests that are well-formed but invalid (topic names, numbers of
// partitions, settings, protocols of a group) are answered with an error of the protocol.
//
// Written records survive a kill of the process, because the operating system has them; a
// power failure can lose the last seconds. The broker does not persist the sequence numbers
// of idempotent producers, so a producer that outlives a killed broker can write the
// batches in flight twice.
//
// Retention: kfake applies it hourly, and only to topics that configure it. This package
// applies it every RetentionInterval, with the limits of Config for topics without their own,
// so the directory stays close to the sum of the limits. Retention does not depend on
// consumers; producers apply back-pressure (package packets). If the disk is almost full or
// file descriptors run out, writes are refused with an error that clients retry, and
// Config.Health is called; no acknowledged record is lost.
//
// All exported functions and methods may be called from any goroutine.
package embedded
