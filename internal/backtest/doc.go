// Package backtest replays the past: it runs the engine's own code over packets that the
// topic still has, from a checkpoint or as untrained, and compares the alerts with those
// that were published (Run), with those of other settings (Run with Changed), or with one
// stored alert, field by field (Verify).
//
// It only reads: no topic is written, no group joined, no offset committed. Without a
// configured cluster it uses the embedded broker of the process that runs on DATA_DIR, or
// starts a frozen one on the log that is left there.
//
// A run belongs to the goroutine that calls it.
package backtest
