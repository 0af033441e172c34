package guard

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// foreign tells protocols that are not Kafka's by the four bytes in the place of a length.
// As a length each is far above any limit: "GET " is 1.2 GB.
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

// alert is a fatal handshake_failure (RFC 8446, section 6).
var alert = []byte{0x15, 3, 1, 0, 2, 2, 40}

// answerForeign says in the peer's protocol that this is not it. No header lets a page of
// another origin read the answer.
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
	// Closing with bytes unread would reset the connection before the answer is read.
	_, _ = io.CopyN(io.Discard, c.in, maxForeign)
}

// maxForeign is how much of a request in another protocol is read, and thrown away.
const maxForeign = 64 << 10

// netConn is the connection beneath the one of package netlimit.
func netConn(c net.Conn) net.Conn {
	if w, ok := c.(interface{ NetConn() net.Conn }); ok {
		return w.NetConn()
	}
	return c
}

// newerVersions takes the place of an ApiVersions in a version that is not known here:
// one without a body, in the first version that kfake does not know. The answer is what
// KIP-511 wants: UNSUPPORTED_VERSION in version 0, with the versions there are.
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

// unknownVersions is a version of ApiVersions that neither this package nor kfake knows.
const unknownVersions = 100
