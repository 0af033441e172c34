// Package wire encodes the types of package models for Kafka topics, WebSockets and
// files, and decodes them again:
//
//   - JSON of packets and connections: AppendPacket, ParsePacket, AppendConnection,
//     ParseConnection. They write the bytes that encoding/json would write (a packet has no
//     encoding/json form) and parse any valid JSON, without reflection and without an
//     allocation per value. Types that are written rarely (alerts, statistics, scores)
//     have no codec here: use encoding/json with their struct tags.
//   - Packed batches of packets, a Protobuf message with one column per field:
//     PackedEncoder, DecodePacked, DecodePackedOrdered (docs/schemas/packets.proto).
//   - The key and the headers of packet records: AppendKey, PartitionOf, AppendSequence,
//     ParseSequence.
//
// The formats are a contract with other programs (docs/api.md, docs/schemas): a field is
// only added, never renamed or given another meaning. Decoders skip fields that they do not
// know. Decoders never allocate by a length that the input claims, and keep nothing of the
// input.
//
// The text forms of single values (models.Timestamp, ConnID, Proto, TCPFlags, TunnelKind)
// stay with their types, because encoding/json and the database driver call them as methods.
//
// Functions may be called from any goroutine. A PackedEncoder belongs to one goroutine.
// Any package may import wire; wire imports models and the standard library.
package wire
