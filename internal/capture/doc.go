// Package capture defines where frames come from: a Source yields them one by one. The
// sources are in sub-packages: pcapfile (capture files and pipes), live (network interfaces
// of Linux), demo and synth (generated traffic); filter compiles tcpdump expressions for
// them and unpack decompresses files.
//
// A source owns the bytes of the frame that it yields until its next call; a caller that
// keeps them copies them. Nothing is decoded here and no frame is changed: timestamps are
// passed on as captured, even if they are zero, absurd or run backward, and a frame of a
// link type that decode does not support is yielded like any other, so that decode can
// count it.
//
// Ordering: frames come in the order of the file or of the kernel; several files come one
// after the other. Back-pressure: a file waits for its reader; a network card does not, the
// kernel drops what the ring cannot hold, and Stats counts it. Next and Close belong to one
// goroutine; Stats and Progress may be called from any.
//
// Lengths in the input never decide how much is allocated: a frame has at most MaxFrame
// bytes, a pcapng block that is kept at most MaxBlock, a section at most MaxInterfaces
// interfaces.
package capture
