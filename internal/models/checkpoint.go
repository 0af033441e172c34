package models

// CheckpointInfo describes a saved state of the engine, so that a checkpoint can be chosen
// without decoding its state.
type CheckpointInfo struct {
	Offset  int64     `json:"offset"`             // next record to read; its meaning is defined by the writer
	EventTS Timestamp `json:"event_ts,omitempty"` // of the last packet processed, 0 if unknown
	Packets uint64    `json:"packets,omitempty"`  // processed since the model was created, 0 if unknown
	At      Timestamp `json:"at"`                 // wall clock when it was saved
}

// Checkpoint is a saved state with its description.
type Checkpoint struct {
	CheckpointInfo
	State []byte
	// FellBackOver has the error of each newer checkpoint that could not be read, newest
	// first.
	FellBackOver []error
}
