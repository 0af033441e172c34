package cli

import (
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
)

// inputFlags are the flags for where packets come from, besides --iface.
type inputFlags struct {
	Replay       []string `help:"Capture files to read (pcap, pcapng, also gzip or zstd; - is standard input)." placeholder:"FILE"`
	Speed        string   `help:"Pace of files: 1 is as recorded, 10 is ten times faster, max is as fast as possible." default:"1"`
	Loop         bool     `help:"Repeat the files without end."`
	Rebase       string   `help:"Event time of files: keep it, or shift it so that it starts now." enum:"keep,now" default:"keep"`
	Rate         float64  `help:"Packets per second, regardless of timestamps." placeholder:"PPS"`
	Seed         uint64   `help:"Seed of the demo traffic." default:"1"`
	Demo         bool     `help:"Use the demo traffic." hidden:""`
	ExitWhenDone bool     `help:"Stop at the end of the input, when everything is scored and stored, and print a summary."`
}

// input checks the flags and returns the input.
func (f *inputFlags) input(cfg *config.Config) (sensor.Input, error) {
	speed, err := parseSpeed(f.Speed)
	if err != nil {
		return sensor.Input{}, err
	}
	if f.Rate < 0 {
		return sensor.Input{}, usagef("--rate %v: must be above 0", f.Rate)
	}
	if cfg.CaptureIface != "" && len(f.Replay) > 0 {
		return sensor.Input{}, usagef("--iface %s and --replay %s exclude each other", cfg.CaptureIface, f.Replay[0])
	}
	if f.ExitWhenDone && f.Loop {
		return sensor.Input{}, usagef("--exit-when-done and --loop exclude each other")
	}
	if f.ExitWhenDone && len(f.Replay) == 0 {
		return sensor.Input{}, usagef("--exit-when-done requires --replay FILE; other inputs do not end")
	}
	return sensor.Input{
		Iface: cfg.CaptureIface, Files: f.Replay, Loop: f.Loop, RebaseNow: f.Rebase == "now",
		Pace: sensor.Pace{Speed: speed, Rate: f.Rate}, Seed: f.Seed,
	}, nil
}
