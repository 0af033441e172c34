package live

import (
	"errors"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/filter"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"golang.org/x/sys/unix"
)

// inNamespace moves the test into a new network namespace with a veth pair
// nl0–nl1 and loopback up. The thread is never unlocked, so that the namespace ends
// with the test; subtests would run outside of it.
func inNamespace(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		t.Skipf("needs the privilege for a network namespace: %v", err)
	}
	for _, args := range []string{"link add nl0 type veth peer name nl1", "link set nl0 up", "link set nl1 up", "link set lo up"} {
		ip(t, args)
	}
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Skipf("ip %s: %v %s", args, err, out)
	}
}

// sender writes frames to an interface.
func sender(t *testing.T, iface string) func([]byte) {
	t.Helper()
	i, err := net.InterfaceByName(iface)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func(b []byte) {
		if err := unix.Sendto(fd, b, 0, &unix.SockaddrLinklayer{Ifindex: i.Index}); err != nil {
			t.Fatal(err)
		}
	}
}

// got is a frame that was captured.
type got struct {
	ts    models.Timestamp
	link  models.LinkType
	wire  uint32
	data  string
	iface string
}

// collect takes frames for which keep is true until there are n of them and one idle
// moment after, or for five seconds.
func collect(t *testing.T, s capture.Source, n int, keep func(*models.Frame) bool) (out []got) {
	t.Helper()
	var f models.Frame
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		err := s.Next(&f)
		if errors.Is(err, capture.ErrIdle) {
			if d := time.Since(f.TS.Time()); d < 0 || d > 5*time.Second {
				t.Fatalf("the clock of an idle source is %v off", d)
			}
			if len(out) >= n {
				return out
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if keep(&f) {
			out = append(out, got{f.TS, f.Link, f.WireLen, string(f.Data), f.Iface})
		}
	}
	return out
}

// udp is a datagram from 10.9.9.9 with the given port; checksums are zero.
func udp(port uint16, n int) []byte {
	b := append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, byte(28 + n), 0, 0, 0, 0, 64, 17, 0, 0}, 10, 9, 9, 9, 10, 9, 9, 8)
	b = append(b, 0x30, 0x39, byte(port>>8), byte(port), 0, byte(8+n), 0, 0)
	return append(b, make([]byte, n)...)
}

func isTest(f *models.Frame) bool { return strings.Contains(string(f.Data), "\x0a\x09\x09\x09") }

func live(t *testing.T, iface string, opts capture.Options) capture.Source {
	t.Helper()
	opts.RingBytes = 8 << 20
	s, err := Open(iface, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestLiveVeth(t *testing.T) {
	inNamespace(t)
	send, s := sender(t, "nl1"), live(t, "nl0", capture.DefaultOptions())
	const n = 2000
	var out []got
	for i := range n {
		send(udp(uint16(i), i%200))
		if i%100 == 99 { // a socket without a ring holds no more
			out = append(out, collect(t, s, 100, isTest)...)
		}
	}
	if len(out) != n {
		t.Fatalf("%d frames, want %d; %+v", len(out), n, s.Stats())
	}
	for i, f := range out {
		if f.data != string(udp(uint16(i), i%200)) || f.iface != "nl0" || f.link != 1 || int(f.wire) != len(f.data) {
			t.Fatalf("frame %d is %+v", i, f)
		}
		if d := time.Since(f.ts.Time()); d < 0 || d > time.Minute {
			t.Fatalf("frame %d is of %v", i, f.ts)
		}
	}
	if st := s.Stats(); st.Received < n || st.Dropped != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestLiveVLAN(t *testing.T) {
	inNamespace(t)
	s := live(t, "nl0", capture.DefaultOptions())
	plain := udp(7, 30)
	tagged := append(append(append([]byte(nil), plain[:12]...), 0x81, 0, 0x20, 5), plain[12:]...)
	sender(t, "nl1")(tagged)
	out := collect(t, s, 1, isTest)
	if len(out) != 1 || out[0].data != string(tagged) || int(out[0].wire) != len(tagged) {
		t.Errorf("%+v, want the tag in place: %q", out, tagged)
	}
}

func TestLiveFilter(t *testing.T) {
	if err := filter.Available(); err != nil {
		t.Skip(err)
	}
	inNamespace(t)
	send := sender(t, "nl1")
	kernel := live(t, "nl0", capture.Options{Filter: "udp port 9", SnapLen: 64})
	process := live(t, "nl0", capture.Options{Filter: "vlan 5 and udp port 9"})
	plain := udp(9, 99)
	tagged := append(append(append([]byte(nil), plain[:12]...), 0x81, 0, 0, 5), plain[12:]...)
	for range 50 {
		send(udp(8, 0))
		send(plain)
		send(tagged)
	}
	all := func(*models.Frame) bool { return true }
	// A kernel's filter sees a tagged frame without its tag, as tcpdump's does.
	out := collect(t, kernel, 100, all)
	if len(out) != 100 || len(out[0].data) != 64 || int(out[0].wire) != len(plain) {
		t.Errorf("%d frames by the kernel's filter, want 100 cut at 64 bytes: %+v", len(out), out[:min(1, len(out))])
	}
	if out := collect(t, process, 50, all); len(out) != 50 || out[0].data != string(tagged) {
		t.Errorf("%d frames of the VLAN, want 50", len(out))
	}
	if st := process.Stats(); st.ByReason[vocabulary.DropFilter] < 100 {
		t.Errorf("stats %+v, want 100 skipped", st)
	}
}

// TestLiveLoopback: each packet once, and NetLyra's own not at all.
func TestLiveLoopback(t *testing.T) {
	inNamespace(t)
	listen, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listen.Close()
	own, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	s := live(t, "lo", capture.Options{ExcludePorts: []uint16{uint16(own.LocalAddr().(*net.UDPAddr).Port)}})
	for _, to := range []net.PacketConn{listen, own} {
		c, err := net.Dial("udp4", to.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 50 {
			c.Write([]byte("netlyra-loopback"))
		}
	}
	out := collect(t, s, 50, func(f *models.Frame) bool { return strings.HasSuffix(string(f.Data), "netlyra-loopback") })
	if len(out) != 50 {
		t.Errorf("%d packets, want each of 50 once", len(out))
	}
	if st := s.Stats(); st.ByReason[vocabulary.DropOwnTraffic] != 50 || st.Dropped != 0 {
		t.Errorf("stats %+v, want 50 of NetLyra's own", st)
	}
}

// TestLiveInterfaceGoesDown: the source waits and resumes.
func TestLiveInterfaceGoesDown(t *testing.T) {
	inNamespace(t)
	opts, log := quiet()
	s, send := live(t, "nl0", opts), sender(t, "nl1")
	ip(t, "link set nl0 down")
	var f models.Frame
	for end := time.Now().Add(5 * time.Second); !strings.Contains(log.String(), "event=interface_down"); {
		if err := s.Next(&f); err != nil && !errors.Is(err, capture.ErrIdle) || time.Now().After(end) {
			t.Fatalf("%v; log %q", err, log)
		}
	}
	ip(t, "link set nl0 up")
	for end := time.Now().Add(5 * time.Second); !strings.Contains(log.String(), "event=interface_up"); {
		if err := s.Next(&f); err != nil && !errors.Is(err, capture.ErrIdle) || time.Now().After(end) {
			t.Fatalf("%v; log %q", err, log)
		}
	}
	send(udp(7, 7))
	if out := collect(t, s, 1, isTest); len(out) != 1 {
		t.Errorf("%d frames after the interface came back", len(out))
	}
}

// TestLiveDropsAreCounted: a ring that is not read overflows, and the counts add up.
func TestLiveDropsAreCounted(t *testing.T) {
	inNamespace(t)
	s, err := Open("nl0", capture.Options{RingBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	send := sender(t, "nl1")
	const n = 6000
	big := append(udp(7, 100), make([]byte, 1200)...)
	for range n {
		send(big)
	}
	out := collect(t, s, 1, isTest)
	st := s.Stats()
	if st.ByReason[vocabulary.DropKernel] == 0 {
		t.Skipf("nothing was dropped of %d: this kernel buffers more", n)
	}
	if seen := uint64(len(out)) + st.Dropped; seen < n {
		t.Errorf("%d frames and %d drops are %d, sent were %d", len(out), st.Dropped, seen, n)
	}
}
