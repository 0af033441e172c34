// Package analyze is offline analysis: it reads captures to their end through decode,
// connection tracking and the engine, without brokers, and writes connections, scores,
// alerts and a summary in the formats of package report.
//
// One goroutine reads frames (reader); one per lane scores (scoringWorker); one collects
// scores in the order of the capture (scoreCollector); one writes connections
// (connectionWriter). Batches circulate between them, so memory does not depend on the
// length of a capture, and a slow writer slows the reader down. Connections and scores are
// written in the order of the capture: the same input gives the same bytes.
package analyze
