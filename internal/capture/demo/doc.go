// Package demo generates the traffic of a small office: a dozen workstations that browse,
// resolve names, print, read files and mail, and a schedule of attacks whose packets are
// labeled. It is the source of `netlyra up --demo` and `netlyra gen`, and detection is
// evaluated on it.
//
// Frames are valid: checksums, lengths, TCP sequence numbers, handshakes and closes are
// correct, TLS hellos carry a server name, and payloads have the entropy of the content that
// they simulate (of SMB2 only the header is real). All external addresses are from the ranges
// reserved for documentation (RFC 5737, RFC 3849).
//
// A Generator is a capture.Source. It does not pace: frames are generated as fast as they
// are consumed, and their timestamps are event time. The same Config gives the same bytes on
// any machine. The benign traffic of a seed does not depend on the attacks, except for the
// IPv4 identification of the hosts involved. Next, Label and Close belong to one goroutine;
// Stats may be called from any. Memory is bounded by the active sessions, a few hundred at
// the default rate.
package demo
