package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"golang.org/x/net/bpf"
)

// expressions cover the relevant parts of the compiler.
var expressions = []string{
	"tcp", "udp port 53", "host 192.168.1.10", "tcp port 80 or 443", "net 10.0.0.0/8 and not icmp", "ip6", "ether host 00:00:00:00:00:01",
	"vlan 5 and tcp", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "greater 1000", "less 100", "portrange 1000-2000", "ip[8] < 5",
	"src net 192.168.0.0/16 and dst port 22", "icmp[icmptype] == icmp-echo", "ip6 proto 58 or arp", "len > 61", "ip[2:2] > 576", "broadcast or multicast",
	"tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420", "ether proto 0x88cc", "pppoes and ip", "mpls 100",
}

func needPcap(t testing.TB) {
	t.Helper()
	if err := Available(); err != nil {
		t.Skip(err)
	}
}

func compile(t testing.TB, expr string) *Filter {
	t.Helper()
	f, err := Compile(expr, models.LinkEthernet, capture.MaxFrame)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFiltersAreTcpdumps compares the programs with those that tcpdump prints.
func TestFiltersAreTcpdumps(t *testing.T) {
	needPcap(t)
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed")
	}
	for _, link := range []struct {
		dlt  string
		link models.LinkType
	}{{"EN10MB", models.LinkEthernet}, {"RAW", models.LinkRaw}, {"LINUX_SLL", models.LinkLinuxSLL}} {
		for _, expr := range expressions {
			out, err := exec.Command(tcpdump, "-y", link.dlt, "-s", fmt.Sprint(capture.MaxFrame), "-ddd", expr).Output()
			f, ferr := Compile(expr, link.link, capture.MaxFrame)
			if err != nil {
				if ferr == nil {
					t.Errorf("%s %q: tcpdump refuses it", link.dlt, expr)
				}
				continue
			}
			if ferr != nil {
				t.Errorf("%s: %v, tcpdump takes it", link.dlt, ferr)
				continue
			}
			var b strings.Builder
			fmt.Fprintln(&b, len(f.prog))
			for _, in := range f.prog {
				fmt.Fprintln(&b, in.Op, in.Jt, in.Jf, in.K)
			}
			if b.String() != string(out) {
				t.Errorf("%s %q: program differs from tcpdump's\n%s\n%s", link.dlt, expr, b.String(), out)
			}
		}
	}
}

// TestLoopingFilter: protochain compiles to a loop, which neither a kernel nor this
// package runs.
func TestLoopingFilter(t *testing.T) {
	needPcap(t)
	_, err := Compile("ip protochain 6", models.LinkEthernet, capture.MaxFrame)
	if err == nil || !strings.Contains(err.Error(), "protochain") || !strings.Contains(err.Error(), "loop") {
		t.Errorf("error %v", err)
	}
}

// packets for the machine: a real SYN, tagged, cut and noise.
func packets() [][]byte {
	synPacket := append([]byte("\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x01\x08\x00\x45\x00\x00\x28\x00\x01\x40\x00\x04\x06\x00\x00"),
		192, 168, 1, 10, 10, 0, 0, 1, 0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0)
	tagged := append(append(append([]byte(nil), synPacket[:12]...), 0x81, 0, 0, 5), synPacket[12:]...)
	out := [][]byte{nil, synPacket, tagged, make([]byte, 1500)}
	for n := range len(synPacket) {
		out = append(out, synPacket[:n])
	}
	return append(out, bytes.Repeat([]byte{0xaa}, 60), bytes.Repeat([]byte{0x55}, 75))
}

// TestMachineAgrees compares the virtual machine with that of golang.org/x/net on complete
// frames.
func TestMachineAgrees(t *testing.T) {
	needPcap(t)
	for _, expr := range expressions {
		f := compile(t, expr)
		ins, _ := bpf.Disassemble(f.prog)
		vm, err := bpf.NewVM(ins)
		if err != nil {
			t.Logf("%q: x/net does not take it: %v", expr, err)
			continue
		}
		for i, p := range packets() {
			n, err := vm.Run(p)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match(p, len(p)); got != (n != 0) {
				t.Errorf("%q on packet %d: %v, x/net says %d", expr, i, got, n)
			}
		}
	}
}

// FuzzMachine compares arbitrary verified programs with x/net's virtual machine.
func FuzzMachine(f *testing.F) {
	if Available() == nil {
		for _, expr := range expressions {
			if c, err := Compile(expr, models.LinkEthernet, capture.MaxFrame); err == nil {
				var b []byte
				for _, in := range c.prog {
					b = binary.LittleEndian.AppendUint16(b, in.Op)
					b = append(b, in.Jt, in.Jf)
					b = binary.LittleEndian.AppendUint32(b, in.K)
				}
				f.Add(b, packets()[1])
			}
		}
	}
	f.Fuzz(func(t *testing.T, code, pkt []byte) {
		var prog []bpf.RawInstruction
		for ; len(code) >= 8; code = code[8:] {
			prog = append(prog, bpf.RawInstruction{Op: binary.LittleEndian.Uint16(code), Jt: code[2], Jf: code[3], K: binary.LittleEndian.Uint32(code[4:])})
		}
		if verify(prog) != nil {
			return
		}
		got := run(prog, pkt, len(pkt))
		ins, all := bpf.Disassemble(prog)
		vm, err := bpf.NewVM(ins)
		if err != nil || !all {
			return
		}
		want, err := vm.Run(pkt)
		if err == nil && uint32(want) != got {
			t.Fatalf("%d, x/net says %d", got, uint32(want))
		}
	})
}

// TestLengthIsThatOnTheWire: truncated frames keep their length on the wire.
func TestLengthIsThatOnTheWire(t *testing.T) {
	needPcap(t)
	f := compile(t, "greater 1000")
	if !f.Match(make([]byte, 96), 1514) || f.Match(make([]byte, 96), 999) {
		t.Error("the captured length is taken for the length on the wire")
	}
}

// TestWithoutLibpcap: the error names the package to install.
func TestWithoutLibpcap(t *testing.T) {
	old := pcapLib.err
	pcapLib.once.Do(func() {})
	defer func() { pcapLib.err = old }()
	pcapLib.err = errNoPcap
	if _, err := NewPerLink("tcp", capture.MaxFrame); !errors.Is(err, errNoPcap) || !strings.Contains(err.Error(), "libpcap0.8") {
		t.Errorf("error %v, want errNoPcap with the package to install", err)
	}
	if f, err := NewPerLink(" ", capture.MaxFrame); f != nil || err != nil {
		t.Errorf("without a filter: %v, %v", f, err)
	}
}

func BenchmarkFilter(b *testing.B) {
	needPcap(b)
	f, p := compile(b, "tcp port 80 or 443"), packets()[1]
	b.ReportAllocs()
	for b.Loop() {
		f.Match(p, len(p))
	}
}
