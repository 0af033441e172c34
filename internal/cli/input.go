package cli

import (
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
)

// inputFlags are the ways to say where packets come from, besides --iface.
type inputFlags struct {
	Replay       []string `help:"Capture files to take packets from (pcap, pcapng, also gzip or zstd; - is standard input)." placeholder:"FILE"`
	Speed        string   `help:"Pace of files: 1 is as recorded, 10 ten times that, max as fast as possible." default:"1"`
	Loop         bool     `help:"Play the files over and over."`
	Rebase       string   `help:"Keep the files' time, or let them begin now." enum:"keep,now" default:"keep"`
	Rate         float64  `help:"Packets per second, whatever their timestamps." placeholder:"PPS"`
	Seed         uint64   `help:"Seed of the demo." default:"1"`
	Demo         bool     `help:"Take the demo's traffic." hidden:""`
	ExitWhenDone bool     `help:"End when the input is used up and everything has been scored and stored; print a summary."`
}

// input checks the flags and puts them into the form that app takes.
func (f *inputFlags) input(cfg *config.Config) (sensor.Input, error) {
	speed, err := parseSpeed(f.Speed)
	if err != nil {
		return sensor.Input{}, err
	}
	if f.Rate < 0 {
		return sensor.Input{}, usagef("--rate %v: want packets per second above 0", f.Rate)
	}
	if cfg.CaptureIface != "" && len(f.Replay) > 0 {
		return sensor.Input{}, usagef("--iface %s and --replay %s exclude each other: take one", cfg.CaptureIface, f.Replay[0])
	}
	if f.ExitWhenDone && f.Loop {
		return sensor.Input{}, usagef("--exit-when-done and --loop exclude each other: a loop has no end")
	}
	if f.ExitWhenDone && len(f.Replay) == 0 {
		return sensor.Input{}, usagef("--exit-when-done wants --replay FILE: nothing else ends by itself")
	}
	return sensor.Input{
		Iface: cfg.CaptureIface, Files: f.Replay, Loop: f.Loop, RebaseNow: f.Rebase == "now",
		Pace: sensor.Pace{Speed: speed, Rate: f.Rate}, Seed: f.Seed,
	}, nil
}
