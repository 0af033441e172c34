package cli

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/models"
)

// genCmd writes the demo traffic to files.
type genCmd struct {
	Output   string        `help:"Capture to write (pcap with nanoseconds)." short:"o" required:"" placeholder:"FILE.pcap"`
	Labels   string        `help:"Labels to write: index,label,attack for each packet." placeholder:"FILE.csv"`
	Seed     uint64        `help:"Seed; the same seed generates the same traffic." default:"1"`
	Duration time.Duration `help:"Duration of the traffic, in event time." default:"60s"`
	Start    time.Time     `help:"Time of the first packet." default:"2026-01-01T00:00:00Z" placeholder:"RFC3339"`
	Attacks  []string      `help:"Kinds of attack; none for benign traffic only (default: those of the demo)." placeholder:"KIND"`
}

// Run writes the files and prints their sizes.
func (c *genCmd) Run(e *env) error {
	if c.Duration <= 0 {
		return usagef("--duration %v: must be above 0, for example 60s", c.Duration)
	}
	start := models.TimestampOf(c.Start)
	if !start.Time().Equal(c.Start) { // beyond the range of a timestamp
		return usagef("--start %v: must be between the years 1678 and 2261", c.Start.Format(time.RFC3339))
	}
	w, err := demo.WriteFiles(e.ctx, demo.FilesConfig{
		Capture: c.Output, Labels: c.Labels, Seed: c.Seed, Duration: c.Duration,
		Start: start, Attacks: c.Attacks,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s: %d packets, %d of them part of attacks, %d bytes\n", c.Output, w.Frames, w.Attacks, w.Bytes)
	return err
}
