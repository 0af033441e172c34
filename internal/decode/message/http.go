package message

import (
	"bytes"
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// The first four bytes of HTTP/1 messages: requests by method, and responses.
const (
	httpGet      = 'G'<<24 | 'E'<<16 | 'T'<<8 | ' '
	httpPost     = 'P'<<24 | 'O'<<16 | 'S'<<8 | 'T'
	httpPut      = 'P'<<24 | 'U'<<16 | 'T'<<8 | ' '
	httpHead     = 'H'<<24 | 'E'<<16 | 'A'<<8 | 'D'
	httpDelete   = 'D'<<24 | 'E'<<16 | 'L'<<8 | 'E'
	httpOptions  = 'O'<<24 | 'P'<<16 | 'T'<<8 | 'I'
	httpConnect  = 'C'<<24 | 'O'<<16 | 'N'<<8 | 'N'
	httpPatch    = 'P'<<24 | 'A'<<16 | 'T'<<8 | 'C'
	httpPropfind = 'P'<<24 | 'R'<<16 | 'O'<<8 | 'P'
	httpResponse = 'H'<<24 | 'T'<<16 | 'T'<<8 | 'P'
)

// httpScan is the maximum number of bytes in which the host is searched.
const httpScan = 4096

// ReadHTTP parses a segment of TCP that begins with an HTTP/1 message (RFC 9112). It sets kind
// and status in f and returns the host of a request, without the port; nil if the segment has
// none. ok is false, and f unchanged, if b is not HTTP.
func ReadHTTP(b []byte, f *models.NameFacts) (host []byte, ok bool) {
	if len(b) < len("GET / HTTP/1.0") {
		return nil, false
	}
	switch binary.BigEndian.Uint32(b) {
	case httpGet, httpPost, httpPut, httpHead, httpDelete, httpOptions, httpConnect, httpPatch, httpPropfind:
	case httpResponse:
		status, ok := httpStatus(b)
		if ok {
			f.Kind, f.Type = models.NameHTTP, status
		}
		return nil, ok
	default:
		return nil, false
	}
	b = b[:min(len(b), httpScan)]
	line, rest, ended := bytes.Cut(b, lineFeed)
	if !ended || !bytes.Contains(line, version1) {
		return nil, false
	}
	f.Kind = models.NameHTTP
	for ended && len(rest) > 0 {
		line, rest, ended = bytes.Cut(rest, lineFeed)
		if !ended || len(line) <= 1 { // the capture ends, or the header does
			return nil, true
		}
		if isHost(line) {
			return hostOf(line[len("host:"):]), true
		}
	}
	return nil, true
}

var (
	lineFeed = []byte{'\n'}
	version1 = []byte(" HTTP/1.")
)

// httpStatus returns the status of a response line: HTTP/1.1 404 Not Found.
func httpStatus(b []byte) (status uint16, ok bool) {
	if string(b[:7]) != "HTTP/1." || b[8] != ' ' {
		return 0, false
	}
	for _, c := range b[9:12] {
		if c < '0' || c > '9' {
			return 0, false
		}
		status = status*10 + uint16(c-'0')
	}
	return status, true
}

// isHost reports whether a line of the header is the field Host.
func isHost(line []byte) bool {
	const name = "host"
	if len(line) <= len(name) || line[len(name)] != ':' {
		return false
	}
	for i := range len(name) {
		if line[i]|0x20 != name[i] {
			return false
		}
	}
	return true
}

// hostOf returns the host of a field's value, without white space, port, and the brackets of an
// IPv6 address.
func hostOf(b []byte) []byte {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '[' {
		if end := bytes.IndexByte(b, ']'); end > 0 {
			return b[1:end]
		}
	}
	if port := bytes.LastIndexByte(b, ':'); port >= 0 && bytes.IndexByte(b, ':') == port {
		b = b[:port]
	}
	return b
}
