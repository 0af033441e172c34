package filter

import (
	"fmt"
	"strings"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"golang.org/x/net/bpf"
)

// Filter is an expression in tcpdump's syntax, compiled by libpcap for one link
// type. It may be used from any goroutine.
type Filter struct {
	expr string
	prog []bpf.RawInstruction
}

// Compile compiles expr as tcpdump would for frames of that link type; frames
// beyond snaplen bytes do not come. Without libpcap on this machine it fails with the
// package to install.
func Compile(expr string, link models.LinkType, snaplen int) (*Filter, error) {
	prog, err := pcapCompile(expr, int(dltOf(link)), snaplen)
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", expr, err)
	}
	if err := verify(prog); err != nil {
		return nil, fmt.Errorf("filter %q: its program cannot be run (protochain makes a loop, which is not supported): %w", expr, err)
	}
	return &Filter{expr: expr, prog: prog}, nil
}

// Match tells whether the frame, of which wireLen bytes were on the wire, is wanted.
func (f *Filter) Match(frame []byte, wireLen int) bool { return run(f.prog, frame, wireLen) != 0 }

// Program is the compiled filter, for a socket.
func (f *Filter) Program() []bpf.RawInstruction { return f.prog }

// dltOf is the number that libpcap on this system uses for a link type: it differs
// from the one in files for raw IP alone (DLT_RAW is 12, 14 on OpenBSD only).
func dltOf(l models.LinkType) models.LinkType {
	if l == models.LinkRaw {
		return 12
	}
	return l
}

// PerLink is one expression, compiled for each link type when it is first met.
type PerLink struct {
	expr   string
	snap   int
	byLink map[models.LinkType]*Filter
	last   *Filter
	link   models.LinkType
}

// NewPerLink is nil for an empty expression. It fails where libpcap is missing,
// so that this is known before the first frame.
func NewPerLink(expr string, snap int) (*PerLink, error) {
	if strings.TrimSpace(expr) == "" {
		return nil, nil
	}
	if err := Available(); err != nil {
		return nil, fmt.Errorf("filter %q: %w", expr, err)
	}
	return &PerLink{expr: expr, snap: snap, byLink: map[models.LinkType]*Filter{}}, nil
}

// of is the filter for a link type.
func (l *PerLink) Of(link models.LinkType) (*Filter, error) {
	if l.last != nil && l.link == link {
		return l.last, nil
	}
	f := l.byLink[link]
	if f == nil {
		var err error
		if f, err = Compile(l.expr, link, capture.MaxFrame); err != nil {
			return nil, fmt.Errorf("link type %d: %w", link, err)
		}
		l.byLink[link] = f
	}
	l.last, l.link = f, link
	return f, nil
}

func (l *PerLink) Match(f *models.Frame) (bool, error) {
	c, err := l.Of(f.Link)
	if err != nil {
		return false, err
	}
	return c.Match(f.Data, int(f.WireLen)), nil
}
