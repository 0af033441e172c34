// Package diagnose checks a Kafka cluster for netlyra doctor: brokers, security, topics,
// groups, open transactions, checkpoints and clocks. It changes nothing on the cluster.
package diagnose
