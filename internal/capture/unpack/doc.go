// Package unpack takes the compression away from captures: gzip, zstd, bzip2 and lz4,
// told apart by their first bytes. It reads what the tools of these formats write and
// read: several members or frames one after the other, skippable frames anywhere (pzstd
// begins with one), zeros as padding at the end.
//
// It owns nothing but the decompressor, whose memory is bounded by the format's window
// (128 MiB for zstd, which is that of --long=27). A Reader belongs to one goroutine.
// Nothing blocks but the reads from the underlying stream, and nothing is read ahead
// beyond a buffer of 64 KiB, so that a pipe is read as it comes.
//
// Data that ends too early gives all that can be had of it, then an error that is
// io.ErrUnexpectedEOF. Bytes behind the last frame that are none give ErrTrailing.
package unpack
