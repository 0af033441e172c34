package cli

import (
	"fmt"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
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

// upCmd runs everything.
type upCmd struct {
	config.Config `embed:""`
	inputFlags    `embed:"" group:"Input"`
}

func (c *upCmd) isService() bool { return !c.ExitWhenDone }

// Run runs until the input is used up (with --exit-when-done) or an interrupt.
func (c *upCmd) Run(e *env) error {
	in, err := c.input(e.cfg)
	if err != nil {
		return err
	}
	if in.Iface == "" && len(in.Files) == 0 {
		in.Demo = true
	}
	sum, err := app.Up(e.ctx, e.cfg, in, app.Options{Options: settings.Options{Log: e.log}, ExitWhenDone: c.ExitWhenDone, Announce: e.stderr})
	if err == nil && c.ExitWhenDone {
		fmt.Fprint(e.stdout, sum)
	}
	return err
}

// coreCmd runs the core.
type coreCmd struct {
	config.Config `embed:""`
	inputFlags    `embed:"" group:"Input"`
}

func (c *coreCmd) isService() bool { return true }

// Run runs until an interrupt.
func (c *coreCmd) Run(e *env) error {
	in, err := c.input(e.cfg)
	if err != nil {
		return err
	}
	in.Demo = c.Demo
	return app.Core(e.ctx, e.cfg, in, app.Options{Options: settings.Options{Log: e.log}, Announce: e.stderr})
}

// engineCmd runs an engine.
type engineCmd struct {
	config.Kafka   `embed:"" group:"Kafka"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Detect  `embed:"" group:"Detection"`
	config.Process `embed:"" group:"Process"`
}

func (c *engineCmd) isService() bool { return true }

// Run runs until an interrupt.
func (c *engineCmd) Run(e *env) error {
	return app.Engine(e.ctx, e.cfg, app.Options{Options: settings.Options{Log: e.log}})
}

// probeCmd captures to the topics.
type probeCmd struct {
	config.Kafka   `embed:"" group:"Kafka"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Capture `embed:"" group:"Capture"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

func (c *probeCmd) isService() bool { return true }

// Run runs until an interrupt.
func (c *probeCmd) Run(e *env) error {
	if e.cfg.CaptureIface == "" {
		return usagef("probe wants --iface NAME, the interface to capture from")
	}
	_, err := app.Probe(e.ctx, e.cfg, sensor.Input{Iface: e.cfg.CaptureIface}, app.Options{Options: settings.Options{Log: e.log}, Role: "probe"})
	return err
}
