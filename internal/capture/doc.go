// Package capture is where frames come from: a Source yields them one by one,
// from pcap and pcapng files (also gzip and zstd, also standard input), from a
// network interface of Linux, or from the generators in demo and synth.
//
// A source owns the bytes of the frame that it yields until its next call; whoever
// wants to keep them copies them. Nothing is decoded here and no frame is changed:
// timestamps are passed on as the capture has them, zero, absurd or backward, and a
// link type that nobody reads is yielded like any other, so that the next stage can
// count it.
//
// Ordering: frames come in the order of the file or of the kernel; several files
// come one after the other. Back-pressure: a file waits for its reader; a network
// card does not wait, the kernel drops what the ring cannot hold and Stats says how
// much. Next and Close belong to one goroutine; Stats and Progress may be called
// from any.
//
// Damage: a file cut in its middle of a record (a capture tool that was killed, a
// full disk) is read up to there, as tcpdump and Zeek do; the cut record is counted
// as "truncated", one warning is logged, and the file ends as any other. A record
// that contradicts itself (a length beyond the bounds below) is an error that names
// file and offset, because nothing behind it can be trusted. Lengths in a file never
// decide how much is allocated: a frame has at most MaxFrame bytes, a pcapng block
// that is kept at most MaxBlock, a section at most MaxInterfaces interfaces.
package capture
