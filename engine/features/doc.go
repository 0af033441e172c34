// Package features computes the inputs of the models: numbers that describe a packet, its
// connection, its source and destination over several windows, and the pair of hosts at a
// service.
//
// All returns the table of features: name, unit, window, definition, scaling, group, and the
// words that present a value to people (Feature.Describe). docs/features.md is generated
// from it. The scaling of a value to 0…1 is fixed and never depends on earlier traffic.
//
// The source is the originator of a connection and the destination its responder. The
// direction of a record (models.PacketMeta.Dir) decides which end is the originator; without
// one, the first packet, TCP flags and ports do. Records need no Kafka key.
//
// All time is event time. Sums decay with half-lives of 3.75, 60 and 960 seconds; distinct
// counts are bitmaps of two periods. A timestamp out of order decays nothing. A leap forward
// decays the state that it touches. A clock that returns from a leap is followed.
//
// Every table has a fixed number of slots in sets of eight; a new entry replaces the least
// recently used entry of its set. New allocates all memory; Observe and Values allocate
// nothing. An Extractor must not be used by several goroutines at once. AppendState and
// Restore cover its complete state.
package features
