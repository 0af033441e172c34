package app

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
)

// Input says where a process takes packets from. The zero value is: from nowhere.
type Input struct {
	Iface     string
	Files     []string
	Demo      bool
	Source    capture.Source // made elsewhere; wins over the others
	Sort      bool           // files: in the order of their first frames
	Loop      bool           // files: over and over
	RebaseNow bool           // files: event time begins now
	Pace      Pace           // files and the demo
	Seed      uint64         // of the demo
}

// none reports whether there is no input.
func (in *Input) none() bool {
	return in.Iface == "" && len(in.Files) == 0 && !in.Demo && in.Source == nil
}

// producer is the name under which the input's packets are numbered: the one that is
// configured, of these very files. What cannot be read a second time has none.
func (in *Input) producer(name string) string {
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

// sensorConfig opens the input.
func sensorConfig(cfg *config.Config, in Input, brokers []string, log *slog.Logger) (SensorConfig, error) {
	s := SensorConfig{Pace: in.Pace, Decode: decodeConfig(cfg), Conntrack: conntrackConfig(cfg)}
	o := captureOptions(cfg, brokers, log)
	var err error
	switch {
	case in.Source != nil:
		s.Source = in.Source
	case in.Iface != "":
		s.Live = true
		s.Source, err = capture.OpenLive(in.Iface, o)
	case len(in.Files) > 0:
		s.Source, err = openFiles(in, o)
	default:
		d := demo.DefaultConfig()
		d.Seed, d.Start = in.Seed, models.TimestampOf(time.Now())
		s.Source, err = demo.New(d)
		s.Pace = Pace{Speed: 1}
	}
	return s, err
}

// openFiles opens capture files, looped and rebased as asked.
func openFiles(in Input, o capture.Options) (src capture.Source, err error) {
	if in.Sort {
		if in.Files, err = capture.SortByTime(in.Files, o); err != nil {
			return nil, err
		}
	}
	open := func() (capture.Source, error) { return capture.OpenFiles(in.Files, o) }
	if in.Loop {
		src, err = Loop(open)
	} else {
		src, err = open()
	}
	if err == nil && in.RebaseNow {
		src = &rebased{Source: src, start: models.TimestampOf(time.Now())}
	}
	return src, err
}

// ownPorts are the ports that NetLyra itself talks on.
func ownPorts(cfg *config.Config, brokers []string) (ports []uint16) {
	add := func(p int) {
		if p > 0 && p < 65536 {
			ports = append(ports, uint16(p))
		}
	}
	add(cfg.APIPort)
	add(cfg.WSPort)
	for _, b := range brokers {
		if _, port, err := net.SplitHostPort(b); err == nil {
			p, _ := strconv.Atoi(port)
			add(p)
		}
	}
	return ports
}
