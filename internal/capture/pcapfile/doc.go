// Package pcapfile reads capture files: pcap and pcapng, plain or compressed (gzip, zstd,
// bzip2, lz4), from the disk, from standard input or from a named pipe. It also writes
// pcap files.
//
// Open reads one file, OpenAll several, one after the other; SortByTime orders files by
// their first frame. A source belongs to the goroutine that calls Next and Close; Stats and
// Progress may be called from any. A file is read as fast as it is consumed. A pipe that has
// nothing to read makes Next return capture.ErrIdle.
//
// Truncated files: a file that ends within a record (the capture tool was killed, the disk
// was full) is read up to there, as tcpdump and Zeek do. The incomplete record is counted
// as truncated, one warning is logged, and Next returns io.EOF. A record that contradicts
// itself, such as a length beyond the bounds of package capture, is an error with file and
// offset, because nothing after it can be trusted.
//
// Frames are not copied: they lie in the read buffer (window.go) until the next call.
package pcapfile
