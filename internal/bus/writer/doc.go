// Package writer produces records to topics that may change meanwhile. franz-go fails a record
// permanently when its topic was recreated, when a topic is missing for a moment, or when a
// batch is larger than the topic accepts by now. A Writer keeps such records, waits until
// the topic exists, replaces the client, and sends them again before all later records.
//
// Records keep their order, except that records which a broker refused may be overtaken by
// those in flight at the same time. A record that cannot be sent, because it alone is
// larger than the topic accepts, is passed to Config.Settled with the error.
//
// All methods may be called from any goroutine.
package writer
