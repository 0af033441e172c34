package faults

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strconv"
)

// wire is an address as brokers name each other and themselves in answers: the host's
// text, then the port as 32 bits. The lengths of answers stay the same when one port
// is put in the place of another.
func wire(addr string) []byte {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return binary.BigEndian.AppendUint32([]byte(host), uint32(n))
}

// readdressed writes what goes through it with every from replaced by to, which has
// the same length. What might be the beginning of from waits for the next write.
type readdressed struct {
	io.Writer
	from, to []byte
	held     []byte
}

// Write passes on b, and what was held before.
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
