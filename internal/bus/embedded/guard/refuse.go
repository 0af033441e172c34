package guard

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// foreign recognizes other protocols by the four bytes in place of the length, "" for others.
// As a length, each is above any limit: "GET " is 1.2 GB.
func foreign(head [4]byte) Reason {
	if head[0] == 0x16 && head[1] == 3 { // a handshake record (RFC 8446, section 5.1)
		return TLS
	}
	for _, b := range head {
		if (b < 'A' || b > 'Z') && b != ' ' && b != '*' && b != '-' {
			return ""
		}
	}
	return HTTP // a method, and PRI of HTTP/2 (RFC 9110, section 9; RFC 9113, section 3.4)
}

const refusal = "This port speaks the Kafka protocol, not HTTP.\n"

// alert is a fatal handshake_failure of TLS (RFC 8446, section 6).
var alert = []byte{0x15, 3, 1, 0, 2, 2, 40}

// answerForeign refuses the connection in the peer's protocol. The answer has no header that
// permits pages of other origins to read it.
func (c *conn) answerForeign(why Reason) {
	_ = c.Conn.SetDeadline(time.Now().Add(time.Second))
	if why == TLS {
		_, _ = c.Conn.Write(alert)
	} else {
		_, _ = fmt.Fprintf(c.Conn, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(refusal), refusal)
	}
	if t, ok := netConn(c.Conn).(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
	// Closing with unread bytes would reset the connection before the peer reads the answer.
	_, _ = io.CopyN(io.Discard, c.in, maxForeign)
}

// maxForeign is the maximum number of bytes of another protocol that are read and discarded.
const maxForeign = 64 << 10

// netConn returns the underlying connection of one of package netlimit.
func netConn(c net.Conn) net.Conn {
	if w, ok := c.(interface{ NetConn() net.Conn }); ok {
		return w.NetConn()
	}
	return c
}

// newerVersions returns the frame that replaces an ApiVersions of a newer version than is
// supported: one without content, in a version that kfake does not support either. kfake then
// answers as KIP-511 requires: UNSUPPORTED_VERSION in version 0, with the supported versions.
func newerVersions(frame []byte) []byte {
	corr := frame[8:12]
	out := make([]byte, 0, 32)
	out = append(out, 0, 0, 0, 0)
	out = binary.BigEndian.AppendUint16(out, uint16(kmsg.ApiVersions))
	out = binary.BigEndian.AppendUint16(out, unknownVersions)
	out = append(out, corr...)
	out = append(out, 0xff, 0xff, 0) // no client id, no tagged fields
	req := kmsg.NewPtrApiVersionsRequest()
	req.SetVersion(unknownVersions)
	out = req.AppendTo(out)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}

// unknownVersions is a version of ApiVersions that neither this package nor kfake supports.
const unknownVersions = 100
