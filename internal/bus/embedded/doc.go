// Package embedded is the broker inside the binary: kfake of franz-go, a broker that
// speaks the Kafka protocol, on disk, for development and for a single host.
// Redpanda or Apache Kafka are for production.
//
// It owns its data directory, which it makes for one user alone, under a lock that a
// second process cannot take (package fsguard). It listens on loopback; beyond it clients must log in (SASL/SCRAM), and there is no
// encryption. Package guard stands before the port: kfake sees only requests that were
// checked. What the guard cannot tell from one frame (names of topics, counts of
// partitions, settings, protocols of a group) is answered with the protocol's error
// before kfake acts on it. What is written survives kill -9 (the operating system has it); a
// power cut may take the last moments. Producers that outlive a killed broker send
// again what was on its way, and may so write it twice: the sequence numbers that
// would show it are not kept.
//
// Retention: kfake applies it hourly, and only where a topic sets it. Here every
// topic without its own limits has the limits of Config, and all are applied every
// RetentionInterval, so that the directory stays near the sum of the limits. The
// broker knows nothing of consumers; back-pressure is the producers' (package bus).
// When the disk is nearly full, or file descriptors run out, producers are refused with an error that clients
// retry, and Config.Health hears of it; nothing that was acknowledged is lost.
//
// Start, Addr, Close may be called from any goroutine.
package embedded
