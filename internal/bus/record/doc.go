// Package record converts fetched Kafka records to models.Record: headers, dead letters,
// and the records that replace batches too large to decompress.
//
// Everything here is a function of its arguments; SkipOversized and ReplaceOversized also
// move the consumer, so only the goroutine that polls it may call them.
package record
