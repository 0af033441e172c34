//go:build linux && cgo

package live

import (
	"os"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/afpacket"
	"golang.org/x/net/bpf"

	"github.com/netlyra/netlyra/internal/capture"
)

// blockTime is how long the kernel holds a block that is not full. It bounds the latency of
// quiet networks.
const blockTime = 4 * time.Millisecond

// ringHandle is a TPACKET_V3 ring shared with the kernel; frames are not copied.
type ringHandle struct{ tp *afpacket.TPacket }

func newHandle(iface string, opts capture.Options) (handle, error) {
	const block = 1 << 20 // much larger than the largest frame of loopback
	tp, err := afpacket.NewTPacket(
		afpacket.OptInterface(iface), afpacket.TPacketVersion3,
		afpacket.OptFrameSize(os.Getpagesize()), afpacket.OptBlockSize(block), afpacket.OptNumBlocks(max(opts.RingBytes/block, 1)),
		afpacket.OptBlockTimeout(blockTime), afpacket.OptPollTimeout(capture.IdleTime), afpacket.OptAddVLANHeader(true))
	if err != nil {
		return nil, err
	}
	return ringHandle{tp}, nil
}

func (h ringHandle) read() ([]byte, gopacket.CaptureInfo, error) {
	data, ci, err := h.tp.ZeroCopyReadPacketData()
	switch err {
	case nil:
		if len(ci.AncillaryData) > 0 { // the ring restored the tag, which was on the wire
			if tag, ok := ci.AncillaryData[0].(afpacket.AncillaryVLAN); ok && tag.VLAN != 0 {
				ci.Length += 4
			}
		}
	case afpacket.ErrTimeout:
		err = errTimeout
	case afpacket.ErrPoll:
		err = errDown
	}
	return data, ci, err
}

func (h ringHandle) setFilter(prog []bpf.RawInstruction) error { return h.tp.SetBPF(prog) }

func (h ringHandle) drops() uint64 {
	_, v3, err := h.tp.SocketStats()
	if err != nil {
		return 0
	}
	return uint64(v3.Drops())
}

func (h ringHandle) close() { h.tp.Close() }
