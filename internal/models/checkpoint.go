package models

// CheckpointInfo says what a saved state of the engine stands for, so that one can be
// chosen without reading it.
type CheckpointInfo struct {
	Offset  int64     `json:"offset"`             // next record to read; what that means is up to who saved it
	EventTS Timestamp `json:"event_ts,omitempty"` // of the last packet taken in, 0 where not known
	Packets uint64    `json:"packets,omitempty"`  // taken in since the beginning, 0 where not known
	At      Timestamp `json:"at"`                 // wall clock when it was saved
}

// Checkpoint is a state with what it stands for.
type Checkpoint struct {
	CheckpointInfo
	State []byte
	// FellBackOver says of each newer checkpoint that could not be read what is wrong
	// with it, the newest first.
	FellBackOver []error
}
