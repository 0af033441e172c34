// Package bustest has what the tests of the packages below bus share: a broker, a client
// with topics, a handler that collects packets, transactions of other programs, and a
// network that can be cut.
//
// With KAFKA_BROKERS set, tests that need no fault of the broker run on that cluster, with
// topics and groups named after the test and the run, which are deleted afterwards.
//
// Only tests may import it.
package bustest
