// Package features turns packets into numbers that half-space trees can learn:
// of the packet itself, of its connection, of its source and destination over
// several horizons, and of the pair of hosts with the service between them.
//
// Table names each feature with its unit, meaning, scaling, horizon and group;
// docs/features.md is generated from it. Scaling is fixed: a feature's place between
// 0 and 1 never depends on what was seen before, so that magnitudes survive.
//
// "Source" is the originator of a connection and "destination" its responder. Who
// began is taken from the record where it says so (models.PacketMeta.Dir), else from
// the first packet seen, TCP flags and ports. Records need not be keyed by anything.
//
// Time is event time alone. Amounts fade with half-lives of 3.75, 60 and 960
// seconds; distinct counts are bitmaps of two generations. A timestamp that goes
// backwards does not age anything, one that leaps makes what it touches fade, and a
// clock that comes back after a leap is followed.
//
// Every table has a fixed number of slots, in sets of eight; the slot of a set that
// was touched longest ago gives way. An Extractor allocates when it is made and never
// again, and belongs to one goroutine. AppendState and Restore carry all of it.
package features
