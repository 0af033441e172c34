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

// Compile compiles expr for frames of the link type, as tcpdump does; frames have at most
// snaplen bytes. Without libpcap it returns an error with the package to install.
func Compile(expr string, link models.LinkType, snaplen int) (*Filter, error) {
	prog, err := pcapCompile(expr, int(dltOf(link)), snaplen)
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", expr, err)
	}
	if err := verify(prog); err != nil {
		return nil, fmt.Errorf("filter %q: the program cannot be run (loops, which protochain creates, are not supported): %w", expr, err)
	}
	return &Filter{expr: expr, prog: prog}, nil
}

// Match reports whether the filter selects the frame, which had wireLen bytes on the wire.
func (f *Filter) Match(frame []byte, wireLen int) bool { return run(f.prog, frame, wireLen) != 0 }

// Program returns the compiled filter, to attach it to a socket.
func (f *Filter) Program() []bpf.RawInstruction { return f.prog }

// dltOf returns libpcap's number of a link type. It differs from the number in files only
// for raw IP (DLT_RAW is 12; 14 on OpenBSD).
func dltOf(l models.LinkType) models.LinkType {
	if l == models.LinkRaw {
		return 12
	}
	return l
}

// PerLink is one expression, compiled for each link type at its first frame. One goroutine
// at a time.
type PerLink struct {
	expr   string
	snap   int
	byLink map[models.LinkType]*Filter
	last   *Filter
	link   models.LinkType
}

// NewPerLink returns nil for an empty expression. It returns an error if libpcap is missing,
// so that the error appears before the first frame.
func NewPerLink(expr string, snap int) (*PerLink, error) {
	if strings.TrimSpace(expr) == "" {
		return nil, nil
	}
	if err := Available(); err != nil {
		return nil, fmt.Errorf("filter %q: %w", expr, err)
	}
	return &PerLink{expr: expr, snap: snap, byLink: map[models.LinkType]*Filter{}}, nil
}

// Of returns the filter for a link type.
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

// Match reports whether the filter selects f.
func (l *PerLink) Match(f *models.Frame) (bool, error) {
	c, err := l.Of(f.Link)
	if err != nil {
		return false, err
	}
	return c.Match(f.Data, int(f.WireLen)), nil
}
