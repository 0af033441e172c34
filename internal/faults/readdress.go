package faults

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strconv"
)

// wire returns an address in the encoding of Kafka responses: the text of the host, then the
// port in 32 bits. Replacing the port does not change the length of a response.
func wire(addr string) []byte {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return binary.BigEndian.AppendUint32([]byte(host), uint32(n))
}

// readdressed passes data on with every from replaced by to, which has the same length. A
// possible start of from is held until the next write.
type readdressed struct {
	io.Writer
	from, to []byte
	held     []byte
}

// Write passes on the held data and b.
func (r *readdressed) Write(b []byte) (int, error) {
	all := bytes.ReplaceAll(append(r.held, b...), r.from, r.to)
	keep := 0
	for n := min(len(r.from)-1, len(all)); n > 0; n-- {
		if bytes.HasSuffix(all, r.from[:n]) {
			keep = n
			break
		}
	}
	send := all[:len(all)-keep]
	r.held = append([]byte(nil), all[len(all)-keep:]...)
	if len(send) > 0 {
		if _, err := r.Writer.Write(send); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}
