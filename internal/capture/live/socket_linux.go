//go:build linux && !cgo

package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/netlyra/netlyra/internal/capture"
)

// queued is the number of frames buffered between the reading goroutine and Next.
const queued = 4096

// socketHandle is a packet socket that copies each frame. At high rates it loses frames that
// the ring of a build with cgo does not.
type socketHandle struct {
	h     *pcapgo.EthernetHandle
	ch    chan copied
	timer *time.Timer
	stop  chan struct{}
	once  sync.Once
	lost  uint64
}

type copied struct {
	data []byte
	ci   gopacket.CaptureInfo
	err  error
}

func newHandle(iface string, opts capture.Options) (handle, error) {
	h, err := pcapgo.NewEthernetHandle(iface)
	if err != nil {
		// The library returns text only; a second attempt gets the error number.
		if fd, serr := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); serr != nil {
			return nil, fmt.Errorf("%w: %s", serr, err)
		} else {
			unix.Close(fd)
		}
		return nil, err
	}
	if err := h.SetCaptureLength(min(opts.SnapLen, 65536+18)); err != nil {
		return nil, err
	}
	s := &socketHandle{h: h, ch: make(chan copied, queued), timer: time.NewTimer(capture.IdleTime), stop: make(chan struct{})}
	go s.pump()
	return s, nil
}

// pump reads until the socket is closed. The library has no read with a time-out, so pump
// notices the close at the next frame only; on a silent interface it outlives close.
func (s *socketHandle) pump() {
	for {
		data, ci, err := s.h.ReadPacketData()
		select {
		case s.ch <- copied{data, ci, err}:
		case <-s.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

func (s *socketHandle) read() ([]byte, gopacket.CaptureInfo, error) {
	s.timer.Reset(capture.IdleTime)
	select {
	case c := <-s.ch:
		if c.err != nil {
			return nil, c.ci, errDown
		}
		return withTag(c.data, &c.ci), c.ci, nil
	case <-s.timer.C:
		return nil, gopacket.CaptureInfo{}, errTimeout
	}
}

// withTag restores the VLAN tag that the kernel removed.
func withTag(data []byte, ci *gopacket.CaptureInfo) []byte {
	if len(ci.AncillaryData) == 0 || len(data) < 12 {
		return data
	}
	tci, ok := ci.AncillaryData[0].(int)
	if !ok {
		return data
	}
	out := make([]byte, 0, len(data)+4)
	out = append(out, data[:12]...)
	out = binary.BigEndian.AppendUint16(out, 0x8100)
	out = binary.BigEndian.AppendUint16(out, uint16(tci))
	ci.Length += 4
	return append(out, data[12:]...)
}

func (s *socketHandle) setFilter(prog []bpf.RawInstruction) error {
	if len(prog) == 0 {
		return errors.New("empty filter program")
	}
	return s.h.SetBPF(prog)
}

func (s *socketHandle) drops() uint64 {
	if st, err := s.h.Stats(); err == nil { // since the previous call
		s.lost += uint64(st.Drops)
	}
	return s.lost
}

func (s *socketHandle) close() {
	s.once.Do(func() {
		close(s.stop)
		s.h.Close()
	})
}
