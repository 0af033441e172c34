// Package checkpoint keeps the states of the engine's lanes on a compacted topic: the
// newest one, and keyframes of the past.
//
// A state is split into chunks under keys of a slot. A checkpoint never overwrites the
// newest one, and is added to the lane's catalogue only when all of its chunks are
// acknowledged, so an interrupted save leaves the previous checkpoint intact. A checkpoint
// that cannot be read is skipped for the one before; without a readable catalogue it is
// rebuilt from the chunks.
//
// A Store may be used from any goroutine, with one save at a time for each lane.
package checkpoint
