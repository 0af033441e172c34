package cli

import (
	"encoding/json"
	"fmt"

	"github.com/netlyra/netlyra/engine/reference"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/prior"
	"github.com/netlyra/netlyra/internal/settings"
)

// priorCmd makes, prints and compares references of behaviors.
type priorCmd struct {
	Build priorBuildCmd `cmd:"" help:"Measure the behaviors of ordinary captures and write a file for PRIOR_FILE."`
	Show  priorShowCmd  `cmd:"" help:"Print a file, or the reference that the engine uses."`
	Diff  priorDiffCmd  `cmd:"" help:"Print the behaviors whose values differ between two files, or between the built-in reference and a file."`
}

// priorBuildCmd writes a file.
type priorBuildCmd struct {
	Captures       []string `arg:"" help:"Captures of ordinary traffic (pcap, pcapng, also gzip or zstd), and folders of them. What they contain becomes ordinary." placeholder:"CAPTURE|FOLDER"`
	Output         string   `help:"File to write." short:"o" required:"" placeholder:"FILE.json"`
	Separate       bool     `help:"Each capture is of another network. By default all are of one, and are read in the order of their first packets."`
	Strict         bool     `help:"Write what was measured where there is enough traffic, even if it is less than the built-in value. By default the larger value is written, so that the file never makes a network stricter."`
	config.Conn    `embed:"" group:"Connections"`
	config.Process `embed:"" group:"Process"`
}

// Run builds and prints what was measured.
func (c *priorBuildCmd) Run(e *env) error {
	view := newProgressView(e.stderr)
	r, err := prior.Build(e.ctx, e.cfg, prior.Config{Paths: c.Captures, Output: c.Output, Separate: c.Separate, Strict: c.Strict},
		settings.Options{Log: e.log, Progress: view})
	view.Close()
	if err != nil {
		return err
	}
	return printResult(e.stdout, false, r)
}

// priorShowCmd prints a file.
type priorShowCmd struct {
	File           string `arg:"" optional:"" help:"File (default: PRIOR_FILE, or the built-in reference if that is empty)." placeholder:"FILE"`
	Format         string `help:"Output format; JSON is the form of the file." enum:"text,json" default:"text"`
	config.Process `embed:"" group:"Process"`
}

// Run prints the file.
func (c *priorShowCmd) Run(e *env) error {
	if c.File == "" {
		c.File = e.cfg.PriorFile
	}
	f := reference.FileOf(reference.Builtin())
	if c.File != "" {
		var err error
		if f, err = readPrior(e, c.File); err != nil {
			return err
		}
	}
	if c.Format == "text" {
		_, err := fmt.Fprint(e.stdout, prior.Show(f))
		return err
	}
	text, err := f.Encode()
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(text)
	return err
}

// priorDiffCmd compares two files.
type priorDiffCmd struct {
	Files          []string `arg:"" help:"The file, or the one before and the one after." placeholder:"FILE"`
	Format         string   `help:"Output format." enum:"text,json" default:"text"`
	config.Process `embed:"" group:"Process"`
}

// Run prints the behaviors that differ.
func (c *priorDiffCmd) Run(e *env) error {
	if len(c.Files) > 2 {
		return usagef("%d files: name one, which is compared with the built-in reference, or two", len(c.Files))
	}
	all := []*reference.Reference{reference.Builtin()}
	for _, name := range c.Files {
		f, err := readPrior(e, name)
		if err != nil {
			return err
		}
		all = append(all, f.Reference())
	}
	changes := prior.Diff(all[len(all)-2], all[len(all)-1])
	if c.Format == "text" {
		_, err := fmt.Fprint(e.stdout, changes)
		return err
	}
	enc := json.NewEncoder(e.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(changes)
}

// readPrior reads a file and logs which of its behaviors are ignored.
func readPrior(e *env, name string) (*reference.File, error) {
	f, unknown, err := reference.Read(name)
	if len(unknown) > 0 {
		e.log.Warn(unknownBehaviors, vocabulary.EventPriorUnknown.Attr(), "file", name, "ignored", unknown)
	}
	return f, err
}

// unknownBehaviors is logged for a prior file of another version.
const unknownBehaviors = "the prior file has behaviors that this version does not know"
