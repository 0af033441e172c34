// Package service recognises application protocols by payload, not by port: a look at
// the first payloads of a connection, with the names that Zeek's conn.log has. Ports
// only settle what payload leaves open.
//
// It keeps nothing itself: what it learns of a connection is in the caller's State, a
// few bytes without pointers. Look allocates nothing; what it is given comes from the
// network and may be anything. ClientHello and QUIC, which are read once for each
// connection at most, may allocate, within the sizes of the input.
package service
