package cli

import (
	"fmt"
	"strconv"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
)

// replayCmd publishes captures to the packets topic.
type replayCmd struct {
	Files          []string `arg:"" help:"Capture files (pcap, pcapng, also gzip or zstd; - is standard input)." placeholder:"FILE"`
	Speed          string   `help:"Pace: 1 is as recorded, 10 is ten times faster, max is as fast as possible." default:"1"`
	Sort           bool     `help:"Send the files in the order of their first packets instead of the given order."`
	Loop           bool     `help:"Repeat the files without end."`
	Rebase         string   `help:"Event time of the files: keep it, or shift it so that it starts now." enum:"keep,now" default:"keep"`
	Rate           float64  `help:"Packets per second, regardless of timestamps." placeholder:"PPS"`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Packets `embed:"" group:"Packets topic"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
	Filter         string `help:"Send only packets that match this tcpdump expression." placeholder:"EXPR"`
}

// Run sends the files and prints a summary.
func (c *replayCmd) Run(e *env) error {
	speed, err := parseSpeed(c.Speed)
	if err != nil {
		return err
	}
	in := sensor.Input{
		Files: c.Files, Sort: c.Sort, Loop: c.Loop, RebaseNow: c.Rebase == "now",
		Pace: sensor.Pace{Speed: speed, Rate: c.Rate},
	}
	cfg := *e.cfg
	cfg.CaptureFilter = c.Filter
	view := newProgressView(e.stderr)
	sum, err := app.Probe(e.ctx, &cfg, in, app.Options{Options: settings.Options{Log: e.log, Progress: view}, Role: "replay"})
	view.Close()
	if err == nil {
		fmt.Fprint(e.stdout, sum)
	}
	return err
}

// parseSpeed parses --speed; max is 0.
func parseSpeed(s string) (float64, error) {
	if s == "max" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0 && v <= 1e6) {
		return 0, usagef("--speed %s: must be max or a factor above 0, for example 10", s)
	}
	return v, nil
}
