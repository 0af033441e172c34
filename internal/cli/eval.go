package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/evaluate"
	"github.com/netlyra/netlyra/internal/settings"
)

// evalCmd measures the quality of detection.
type evalCmd struct {
	Points  evalPointsCmd  `cmd:"" help:"Labelled points in a table: how well scores separate attacks."`
	Packets evalPacketsCmd `cmd:"" help:"A labelled capture: detections, time to detection, false alerts."`
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

// evalPacketsCmd evaluates a capture.
type evalPacketsCmd struct {
	Capture        string `arg:"" help:"Capture file (pcap, pcapng, also gzip or zstd)." placeholder:"CAPTURE"`
	Labels         string `help:"Labels: lines of index,label or index;label, the index from 1, 1 for an attack; a third column can name the attack." required:"" placeholder:"FILE"`
	JSON           bool   `help:"Print JSON."`
	config.Detect  `embed:"" group:"Detection"`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

// Run evaluates and prints the result.
func (c *evalPacketsCmd) Run(e *env) error {
	r, err := evaluate.Packets(e.ctx, e.cfg, c.Capture, c.Labels, settings.Options{Log: e.log})
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
