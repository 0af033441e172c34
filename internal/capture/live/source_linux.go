package live

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/google/gopacket"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/filter"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// opReturn is the opcode BPF_RET|BPF_K of classic BPF: keep K bytes of the frame.
const opReturn = 0x06

// errTimeout and errDown are the results of handle.read that are not failures.
var (
	errTimeout = errors.New("no frame within the time-out")
	errDown    = errors.New("interface is down")
)

// handle is a packet socket: afpacket with cgo, pcapgo without.
type handle interface {
	// read returns the next frame, valid until the next read; errTimeout after
	// capture.IdleTime without one, errDown when the interface went down.
	read() (data []byte, ci gopacket.CaptureInfo, err error)
	setFilter(prog []bpf.RawInstruction) error
	drops() uint64 // frames dropped since it was opened
	close()
}

// liveSource captures from one interface.
type liveSource struct {
	iface   string
	opts    capture.Options
	link    models.LinkType
	prog    []bpf.RawInstruction // in the kernel
	filter  *filter.Filter       // in this process, if the kernel cannot run it
	own     *OwnTraffic
	h       handle // nil while the interface is down
	promisc int    // socket that keeps promiscuous mode on, -1 if none
	counts  capture.Counts
	lost    uint64 // drops of the handle that have been counted
	log     *slog.Logger
}

func openLive(iface string, opts capture.Options) (capture.Source, error) {
	link, err := linkOfInterface(iface)
	if err != nil {
		return nil, err
	}
	s := &liveSource{iface: iface, opts: opts, link: link, log: opts.Log, promisc: -1,
		own: NewOwnTraffic(opts.ExcludePorts, LocalAddrs())}
	if err := s.compile(); err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, explain(iface, err)
	}
	return s, nil
}

// compile creates the program of the socket: drop the outgoing copies of loopback, then the
// filter, or accept everything up to the snap length.
func (s *liveSource) compile() error {
	tail := []bpf.RawInstruction{{Op: opReturn, K: uint32(s.opts.SnapLen)}}
	if strings.TrimSpace(s.opts.Filter) != "" {
		f, err := filter.Compile(s.opts.Filter, s.link, s.opts.SnapLen)
		if err != nil {
			return err
		}
		// The kernel removes VLAN tags before it runs the filter, so a filter on them
		// must run here, after they are restored.
		if strings.Contains(s.opts.Filter, "vlan") {
			s.filter = f
		} else {
			tail = f.Program()
		}
	}
	if i, err := net.InterfaceByName(s.iface); err == nil && i.Flags&net.FlagLoopback != 0 {
		head, err := bpf.Assemble([]bpf.Instruction{
			bpf.LoadExtension{Num: bpf.ExtType},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.PACKET_OUTGOING, SkipFalse: 1},
			bpf.RetConstant{Val: 0},
		})
		if err != nil {
			return err
		}
		tail = append(head, tail...)
	}
	s.prog = tail
	return nil
}

// open opens the socket and attaches the program. Frames that arrived before that were not
// filtered and are discarded.
func (s *liveSource) open() error {
	h, err := newHandle(s.iface, s.opts)
	if err != nil {
		return err
	}
	if err := attach(h, s.prog); err != nil {
		h.close()
		return err
	}
	if s.opts.Promiscuous {
		if s.promisc, err = promiscuous(s.iface); err != nil {
			s.log.Warn("promiscuous mode refused; capturing only traffic of this host", vocabulary.EventPromiscuousRefused.Attr(), "interface", s.iface, "err", err)
		}
	}
	s.h, s.lost = h, 0
	return nil
}

// attach blocks all frames, empties the socket, and then attaches the program.
func attach(h handle, prog []bpf.RawInstruction) error {
	if err := h.setFilter([]bpf.RawInstruction{{Op: opReturn}}); err != nil {
		return fmt.Errorf("attach filter: %w", err)
	}
	for start := time.Now(); time.Since(start) < time.Second; {
		if _, _, err := h.read(); err != nil {
			break
		}
	}
	if err := h.setFilter(prog); err != nil {
		return fmt.Errorf("attach filter: %w", err)
	}
	return nil
}

// Next implements capture.Source.
func (s *liveSource) Next(f *models.Frame) error {
	for {
		if s.h == nil && !s.reopen() {
			return s.idle(f)
		}
		data, ci, err := s.h.read()
		switch {
		case err == errTimeout:
			return s.idle(f)
		case err == errDown:
			s.down()
			return s.idle(f)
		case err != nil:
			return fmt.Errorf("capture on %s: %w", s.iface, err)
		}
		f.TS, f.Link, f.Iface = models.TimestampOf(ci.Timestamp), s.link, s.iface
		f.Data, f.WireLen = data[:min(len(data), s.opts.SnapLen)], uint32(max(ci.Length, len(data)))
		if s.filter != nil && !s.filter.Match(f.Data, int(f.WireLen)) {
			s.counts.Filtered()
			continue
		}
		if s.own.Match(s.link, f.Data) {
			s.counts.OwnTraffic()
			continue
		}
		s.counts.Receive()
		return nil
	}
}

// idle publishes the counters and sets f.TS to the clock of this host.
func (s *liveSource) idle(f *models.Frame) error {
	s.takeDrops()
	s.counts.Publish()
	f.TS, f.Link, f.Iface, f.Data, f.WireLen = models.TimestampOf(time.Now()), s.link, s.iface, nil, 0
	return capture.ErrIdle
}

// takeDrops counts what the kernel dropped since the previous call.
func (s *liveSource) takeDrops() {
	if s.h == nil {
		return
	}
	if n := s.h.drops(); n > s.lost {
		s.counts.Drop(vocabulary.DropKernel, n-s.lost)
		s.lost = n
	}
}

// down closes the socket after the interface went down.
func (s *liveSource) down() {
	s.log.Warn("interface is down; waiting until it is up", vocabulary.EventInterfaceDown.Attr(), "interface", s.iface)
	s.takeDrops()
	s.release()
}

// reopen waits for IdleTime and then opens the socket if the interface is up.
func (s *liveSource) reopen() bool {
	timer := time.NewTimer(capture.IdleTime)
	<-timer.C
	i, err := net.InterfaceByName(s.iface)
	if err != nil || i.Flags&net.FlagUp == 0 {
		return false
	}
	if err := s.open(); err != nil {
		return false
	}
	s.log.Info("interface is up again; capture resumed", vocabulary.EventInterfaceUp.Attr(), "interface", s.iface)
	return true
}

func (s *liveSource) release() {
	if s.h != nil {
		s.h.close()
		s.h = nil
	}
	if s.promisc >= 0 {
		unix.Close(s.promisc)
		s.promisc = -1
	}
}

func (s *liveSource) Close() error {
	s.takeDrops()
	s.counts.Publish()
	s.release()
	return nil
}

func (s *liveSource) Stats() capture.Stats { return s.counts.Stats() }

// promiscuous turns on promiscuous mode with a separate socket that receives nothing,
// because afpacket does not expose its own. Closing the socket ends the mode.
func promiscuous(iface string) (int, error) {
	i, err := net.InterfaceByName(iface)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	req := unix.PacketMreq{Ifindex: int32(i.Index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &req); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// linkOfInterface maps the hardware type of an interface (ARPHRD_ of if_arp.h) to the link
// type of its packet socket.
func linkOfInterface(iface string) (models.LinkType, error) {
	n, err := hardwareType(iface)
	if err != nil {
		return 0, fmt.Errorf("capture on %s: read the hardware type: %w", iface, err)
	}
	switch n {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return models.LinkEthernet, nil
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6:
		return models.LinkRaw, nil
	case unix.ARPHRD_IEEE80211:
		return models.LinkIEEE80211, nil
	case unix.ARPHRD_IEEE80211_RADIOTAP:
		return models.LinkRadiotap, nil
	}
	return 0, fmt.Errorf("capture on %s: hardware type %d is not supported; pipe tcpdump in: tcpdump -i %s -U -w - | netlyra up --replay -", iface, n, iface)
}

// hardwareType queries the kernel, because /sys may show another network namespace.
func hardwareType(iface string) (uint16, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(iface)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return 0, err
	}
	return req.Uint16(), nil // the address family holds the hardware type
}
