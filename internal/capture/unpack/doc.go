// Package unpack decompresses captures: gzip, zstd, bzip2 and lz4, detected by their first
// bytes. It accepts what the tools of these formats accept: several members or frames in
// sequence, skippable frames anywhere (pzstd begins with one), zeros as padding at the end.
//
// The memory of a decompressor is bounded by the window of its format (128 MiB for zstd, as
// for --long=27). A Reader belongs to one goroutine. It blocks only in reads from the
// underlying stream and reads at most 64 KiB ahead, so that data from a pipe is available at
// once.
//
// Truncated data is decompressed as far as possible, then Read returns an error that wraps
// io.ErrUnexpectedEOF. Other bytes after the last frame give ErrTrailing.
package unpack
