package sensor

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/capture/live"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/models"
)

// Input is where a process takes frames from. The zero value has no input.
type Input struct {
	Iface     string
	Files     []string
	Demo      bool
	Source    capture.Source // takes precedence over the others
	Sort      bool           // files: in the order of their first frames
	Loop      bool           // files: over and over
	RebaseNow bool           // files: shift event time so that it starts now
	Pace      Pace           // files and the demo
	Seed      uint64         // of the demo
}

// None reports whether there is no input.
func (in *Input) None() bool {
	return in.Iface == "" && len(in.Files) == 0 && !in.Demo && in.Source == nil
}

// Producer returns the name under which the input's packets are numbered: name, made
// specific to these files, or "" for an input that cannot be read a second time.
func (in *Input) Producer(name string) string {
	if name == "" || in.Iface != "" || in.Source != nil || len(in.Files) == 0 {
		return ""
	}
	for _, f := range in.Files {
		st, err := os.Stat(f)
		if err != nil || !st.Mode().IsRegular() {
			return ""
		}
		name += fmt.Sprintf("|%s %d", filepath.Base(f), st.Size())
	}
	return name
}

// Describe returns a line for people that says where frames come from.
func (in *Input) Describe() string {
	switch {
	case in.Source != nil:
		return "built-in source"
	case in.Iface != "":
		return "interface " + in.Iface
	case len(in.Files) > 0:
		return fmt.Sprintf("files %v", in.Files)
	case in.Demo:
		return "demo: a small office under attack (--iface NAME or --replay FILE for your own traffic)"
	}
	return "from other processes (probe, replay) through the brokers"
}

// Open opens the input and sets cfg's Source, Live and Pace.
func (in *Input) Open(o capture.Options, cfg *Config) (err error) {
	cfg.Pace, cfg.Live = in.Pace, false
	switch {
	case in.Source != nil:
		cfg.Source = in.Source
	case in.Iface != "":
		cfg.Live = true
		cfg.Source, err = live.Open(in.Iface, o)
	case len(in.Files) > 0:
		cfg.Source, err = in.openFiles(o)
	default:
		d := demo.DefaultConfig()
		d.Seed, d.Start = in.Seed, models.TimestampOf(time.Now())
		cfg.Source, err = demo.New(d)
		cfg.Pace = Pace{Speed: 1}
	}
	return err
}

// openFiles opens capture files, repeated and rebased as requested.
func (in *Input) openFiles(o capture.Options) (src capture.Source, err error) {
	files := in.Files
	if in.Sort {
		if files, err = pcapfile.SortByTime(files, o); err != nil {
			return nil, err
		}
	}
	open := func() (capture.Source, error) { return pcapfile.OpenAll(files, o) }
	if in.Loop {
		src, err = Repeat(open)
	} else {
		src, err = open()
	}
	if err == nil && in.RebaseNow {
		src = &rebased{Source: src, start: models.TimestampOf(time.Now())}
	}
	return src, err
}
