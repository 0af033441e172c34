package unpack

import (
	"bufio"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// members reads the members of a gzip file (RFC 1952 section 2.2) and skips the
// zeros that pad it to a block at its end, as gzip does.
type members struct {
	br *bufio.Reader
	z  *gzip.Reader
}

func newGzip(br *bufio.Reader) (*members, error) {
	z, err := gzip.NewReader(br)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	z.Multistream(false)
	return &members{br, z}, nil
}

func (m *members) Read(b []byte) (int, error) {
	for {
		n, err := m.z.Read(b)
		if n > 0 || err != io.EOF {
			if err == io.EOF {
				err = nil // end of a member
			}
			return n, err
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
}

// next opens the next member; it returns io.EOF if there is none.
func (m *members) next() error {
	head, err := m.br.Peek(2)
	switch {
	case len(head) == 0:
		return err
	case head[0] == 0:
		return m.padding()
	case len(head) == 1 && head[0] == magicGzip[0]:
		return io.ErrUnexpectedEOF
	case Format(head) != "gzip":
		return ErrTrailing
	}
	if err := m.z.Reset(m.br); err == io.EOF {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	m.z.Multistream(false)
	return nil
}

// padding reads zeros to the end of the file.
func (m *members) padding() error {
	for {
		c, err := m.br.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			return ErrTrailing
		}
	}
}
