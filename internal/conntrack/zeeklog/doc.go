// Package zeeklog writes connections as Zeek's conn.log: tab-separated, with the header
// that zeek-cut, RITA and other tools expect. Fields that Zeek leaves unset are unset here too.
//
// A Writer belongs to one goroutine. It buffers; Close flushes and writes the footer.
package zeeklog
