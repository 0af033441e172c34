package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/evaluate"
	"github.com/netlyra/netlyra/internal/evaluate/hours"
	"github.com/netlyra/netlyra/internal/settings"
)

// evalCmd measures the quality of detection.
type evalCmd struct {
	Points  evalPointsCmd  `cmd:"" help:"Labeled points in a table: how well scores separate attacks."`
	Packets evalPacketsCmd `cmd:"" help:"A labeled capture, or attacks placed in hours of ordinary captures: detections, time to detection, false alerts."`
	Suite   evalSuiteCmd   `cmd:"" help:"Generated captures of every attack; fails if detection has regressed."`
}

// evalPointsCmd evaluates a table.
type evalPointsCmd struct {
	Table  string `arg:"" help:"CSV, also gzip: a header, numeric columns, and in the last one the label, 1 for an attack." placeholder:"FILE.csv"`
	Mode   string `help:"NetLyra's detector for points, or half-space trees as in the paper or in River." enum:"default,paper,river" default:"default"`
	Order  string `help:"Order of the stream: as in the file, or shuffled with each seed." enum:"file,shuffled" default:"file"`
	Seeds  int    `help:"Number of runs, with seeds from 1." default:"10"`
	Scores string `help:"Write index, label and scores to this file." placeholder:"OUT.csv"`
	JSON   bool   `help:"Print JSON."`
}

// Run evaluates and prints the result.
func (c *evalPointsCmd) Run(e *env) error {
	if c.Seeds < 1 {
		return usagef("--seeds %d: must be 1 or more", c.Seeds)
	}
	r, err := evaluate.Points(e.ctx, evaluate.PointsConfig{Table: c.Table, Mode: c.Mode, Shuffled: c.Order == "shuffled", Seeds: c.Seeds, Scores: c.Scores})
	if err != nil {
		return err
	}
	return printResult(e.stdout, c.JSON, r)
}

// evalPacketsCmd evaluates a labeled capture, or places captures of attacks in hours of
// ordinary traffic.
type evalPacketsCmd struct {
	Capture        string        `arg:"" optional:"" help:"Capture file with labels (pcap, pcapng, also gzip or zstd)." placeholder:"CAPTURE"`
	Labels         string        `help:"Labels of the capture: lines of index,label or index;label, the index from 1, 1 for an attack; a third column can name the attack." placeholder:"FILE"`
	Benign         []string      `help:"Captures and folders of ordinary traffic, from which hours are made." placeholder:"PATH"`
	Attacks        []string      `help:"Captures and folders of attacks; each capture is placed in each hour." placeholder:"PATH"`
	Index          []string      `help:"Kinds and attackers of captures: lines of file, kind and addresses, separated by tabs." placeholder:"FILE.tsv"`
	Seeds          []uint64      `help:"Seeds; each makes one hour." default:"1,2,3" placeholder:"N"`
	Take           int           `help:"Captures drawn for an hour." default:"30"`
	Hosts          int           `help:"Hosts for which each capture is placed in the hour." default:"2"`
	Uses           int           `help:"Times an hour that each host repeats its capture." default:"3"`
	After          time.Duration `help:"How long the hour continues after the last packet of an attack." default:"60s"`
	Only           string        `help:"Only attacks whose path contains this." placeholder:"WORD"`
	Owners         []string      `help:"Only captures of these owners (the file name up to __)." placeholder:"OWNER"`
	NotOwners      []string      `help:"No captures of these owners." placeholder:"OWNER"`
	Verbose        bool          `help:"Also print each attack and each false alert." short:"v"`
	JSON           bool          `help:"Print JSON."`
	config.Detect  `embed:"" group:"Detection"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

// Run evaluates and prints the result.
func (c *evalPacketsCmd) Run(e *env) error {
	if len(c.Benign)+len(c.Attacks) > 0 {
		return c.hours(e)
	}
	if c.Capture == "" {
		return usagef("name a CAPTURE with --labels, or captures with --benign and --attacks")
	}
	if c.Labels == "" {
		return usagef("%s: --labels is required; captures without labels are given with --benign and --attacks", c.Capture)
	}
	r, err := evaluate.Packets(e.ctx, e.cfg, c.Capture, c.Labels, settings.Options{Log: e.log})
	if err != nil {
		return err
	}
	return printResult(e.stdout, c.JSON, r)
}

// hours evaluates attacks in hours of ordinary traffic.
func (c *evalPacketsCmd) hours(e *env) error {
	if c.Capture != "" || c.Labels != "" {
		return usagef("%s: a capture with --labels excludes --benign and --attacks; repeat these flags for several paths", cmp.Or(c.Capture, "--labels"))
	}
	x := hours.DefaultConfig()
	x.Benign, x.Attacks, x.Index, x.Seeds = c.Benign, c.Attacks, c.Index, c.Seeds
	x.Take, x.Hosts, x.Uses, x.After, x.Verbose = c.Take, c.Hosts, c.Uses, c.After, c.Verbose
	x.Only, x.Owners, x.NotOwners = c.Only, c.Owners, c.NotOwners
	if err := x.Validate(); err != nil {
		return usageError{err}
	}
	r, err := hours.Run(e.ctx, e.cfg, x, settings.Options{Log: e.log})
	if err != nil {
		return err
	}
	return printResult(e.stdout, c.JSON, r)
}

// evalSuiteCmd evaluates generated captures.
type evalSuiteCmd struct {
	Attacks        []string `help:"Kinds of attack (default: all)." placeholder:"KIND"`
	Seeds          int      `help:"Captures per kind, with seeds from 1." default:"10"`
	Floors         string   `help:"Floors for the figures (default: those of this version)." placeholder:"FILE.json"`
	Record         string   `help:"Write the figures, less a margin, as new floors instead of checking them." placeholder:"FILE.json"`
	JSON           bool     `help:"Print JSON."`
	config.Detect  `embed:"" group:"Detection"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

// Run evaluates and prints. A figure below its floor is an error.
func (c *evalSuiteCmd) Run(e *env) error {
	if c.Seeds < 1 {
		return usagef("--seeds %d: must be 1 or more", c.Seeds)
	}
	s, err := evaluate.Suite(e.ctx, e.cfg, evaluate.SuiteConfig{Kinds: c.Attacks, Seeds: c.Seeds, Floors: c.Floors, Record: c.Record})
	if s == nil {
		return err
	}
	return errors.Join(printResult(e.stdout, c.JSON, s), err)
}

// printResult writes v as JSON or as its text.
func printResult(w io.Writer, asJSON bool, v fmt.Stringer) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	_, err := fmt.Fprint(w, v)
	return err
}
