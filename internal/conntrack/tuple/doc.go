// Package tuple identifies connections: the key that both directions of a connection share,
// its hash, its id (ConnID) and Community ID, the ICMP types that answer each other, and the
// guess of which end is the responder where no handshake was seen.
//
// Values are plain and immutable; all functions may be called from any goroutine. Nothing
// here allocates except Community.
package tuple
