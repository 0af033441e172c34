//go:build (linux || darwin || freebsd) && (amd64 || arm64)

package filter

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/net/bpf"
)

// libpcap is loaded at run time, so that only filters require it, neither the build nor the
// program. No other compiler accepts exactly tcpdump's language.

// libpcapNames are tried in this order.
var libpcapNames = map[string][]string{
	"linux":   {"libpcap.so.0.8", "libpcap.so.1", "libpcap.so"},
	"darwin":  {"/usr/lib/libpcap.A.dylib", "libpcap.dylib"},
	"freebsd": {"libpcap.so.8", "libpcap.so"},
}

// errNoPcap names the package to install.
var errNoPcap = errors.New("filters need libpcap, which is not installed: apt install libpcap0.8 (Fedora: dnf install libpcap, Alpine: apk add libpcap), or remove the filter")

// pcapProgram is struct bpf_program.
type pcapProgram struct {
	n     uint32
	instr unsafe.Pointer
}

var pcapLib struct {
	once     sync.Once
	mu       sync.Mutex // older versions of the compiler keep global state
	err      error
	openDead func(link, snaplen int32) uintptr
	compile  func(p uintptr, prog *pcapProgram, expr string, optimize int32, netmask uint32) int32
	free     func(prog *pcapProgram)
	geterr   func(p uintptr) string
	close    func(p uintptr)
}

// Available loads libpcap, once, and returns why it cannot be used; nil where it can. Safe
// for concurrent use.
func Available() error {
	pcapLib.once.Do(func() {
		var h uintptr
		var err error
		for _, name := range libpcapNames[runtime.GOOS] {
			if h, err = purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL); err == nil {
				break
			}
		}
		if h == 0 {
			pcapLib.err = errNoPcap
			return
		}
		pcapLib.err = bindPcap(h)
	})
	return pcapLib.err
}

// bindPcap resolves the functions. It looks up each symbol first, because purego panics at a
// missing one.
func bindPcap(h uintptr) error {
	for name, fn := range map[string]any{
		"pcap_open_dead": &pcapLib.openDead, "pcap_compile": &pcapLib.compile, "pcap_freecode": &pcapLib.free,
		"pcap_geterr": &pcapLib.geterr, "pcap_close": &pcapLib.close,
	} {
		sym, err := purego.Dlsym(h, name)
		if err != nil {
			return fmt.Errorf("libpcap has no function %s: %w", name, err)
		}
		purego.RegisterFunc(fn, sym)
	}
	return nil
}

// pcapCompile compiles for a link type in libpcap's numbering.
func pcapCompile(expr string, dlt, snaplen int) ([]bpf.RawInstruction, error) {
	if err := Available(); err != nil {
		return nil, err
	}
	pcapLib.mu.Lock()
	defer pcapLib.mu.Unlock()
	p := pcapLib.openDead(int32(dlt), int32(snaplen))
	if p == 0 {
		return nil, errors.New("libpcap is out of memory")
	}
	defer pcapLib.close(p)
	const netmaskUnknown = 0xffffffff
	var prog pcapProgram
	if pcapLib.compile(p, &prog, expr, 1, netmaskUnknown) != 0 {
		return nil, errors.New(pcapLib.geterr(p))
	}
	defer pcapLib.free(&prog)
	return append([]bpf.RawInstruction(nil), unsafe.Slice((*bpf.RawInstruction)(prog.instr), prog.n)...), nil
}
