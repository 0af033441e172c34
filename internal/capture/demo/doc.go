// Package demo makes the traffic of a small office: a dozen workstations that browse,
// resolve names, print, read files and mail, and a schedule of attacks laid into it,
// each packet of which is labelled. It is what NetLyra shows to a newcomer without a
// network to watch, what `netlyra gen` writes, and what detection is evaluated on.
//
// Frames are whole and valid: checksums, lengths, TCP sequence numbers, handshakes
// and closings are right, TLS hellos carry a server name, payloads have the entropy
// of what they stand for (files over SMB2 have its header alone; what is in it is not
// SMB2). All outside addresses are of the ranges reserved for
// documentation (RFC 5737, RFC 3849).
//
// A Generator is a capture.Source. It only produces: frames come as fast as they are
// taken, and their timestamps say when they would have come; the consumer paces. The
// same Config gives the same bytes, on any machine, and the benign traffic of a seed
// is the same whatever attacks are laid into it, apart from the IPv4 identification of
// hosts that take part. Next, Label and Close belong to one
// goroutine, Stats to any. What it holds is bounded by the sessions under way, a few
// hundred at the default rate.
package demo
